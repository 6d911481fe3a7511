"""Profiles one side of the testbed.

`python -m benchmarks.testbed.profile_program SPEC NODE INPUTS BUDGET_S FACTOR` writes the profile that SPEC
names.

Time is the CPU time of this thread times FACTOR: on a device that is granted a share of a core in slices, one
over that share. What a computation takes on it is that on average; the wall clock says far less when the
computation ends within its slice, and far more when it does not. On the edge the factor is 1.

It says `loaded` when everything is loaded and timing may begin, and waits for a line to begin.
"""

import sys
import time
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.testbed.conversation import say
from benchmarks.testbed.trial import open_trial
from edgent.errors import EdgentError
from edgent.latency import profiling


class _Progress:
    """Waits before timing, so that the device need not load and cut slowly; then tells the share done."""

    def __init__(self) -> None:
        self._told: float | None = None

    def __call__(self, phase: str, done: float, total: float) -> None:
        if phase != "timing":
            return
        if self._told is None:
            self._told = 0.0
            say(loaded=True)
            sys.stdin.readline()
        if done / total - self._told >= 0.05:
            self._told = done / total
            say(share=self._told)


def main(spec: str, node: Literal["device", "edge"], inputs: str, budget_s: str, factor: str) -> None:
    """Write the profile that the spec names."""
    scale = float(factor)
    network = open_trial(Path(spec))
    assert network.spec.regressors is not None, "a trial spec names its profiles"
    try:
        profile = profiling.profile_node(
            network,
            node,
            np.load(inputs),
            budget_s=float(budget_s),
            progress=_Progress(),
            clock=lambda: time.thread_time() * scale,
        )
        profile.write(network.spec.resolve(getattr(network.spec.regressors, node)))
    except EdgentError as error:
        say(failed=str(error))
    else:
        say(share=1.0, done=True)


if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]  # the node is checked by whoever starts this
