"""Profiles one side of the testbed.

`python -m benchmarks.testbed.profile_program SPEC NODE INPUTS BUDGET_S FACTOR PAUSES [SPEC ...]` writes the
profile that SPEC names. Where other specs of the network are named, the profiles of both nodes are there, and
windows that plans of these specs are likely to choose are added to the node's.

Time is the CPU time of this thread times FACTOR: on a device that is granted a share of a core in slices, one
over that share. What a computation takes on it is that on average; the wall clock says far less when the
computation ends within its slice, and far more when it does not. On the edge the factor is 1.

Pauses between computations are PAUSES times as long as usual, though no longer than caches take to grow cold:
a dilated device sleeps that much longer between its own, and what its cold caches cost is multiplied like all
else.

It says `loaded` when everything is loaded and timing may begin, and waits for a line to begin.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.testbed.conversation import say
from benchmarks.testbed.trial import open_trial
from edgent.cli.profile import sample_photos
from edgent.errors import EdgentError
from edgent.latency import profiling
from edgent.latency.fitting import with_regressors
from edgent.latency.places import Place
from edgent.latency.profile import read_profile
from edgent.latency.promising import promising_segments

_MOST_WINDOWS = 30
_COLD_S = 0.01
"""After so long without a run a network takes as long as after any longer time, within 2 %."""


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


def main(
    spec: str,
    node: Literal["device", "edge"],
    inputs: str,
    budget_s: str,
    factor: str,
    pauses: str,
    *wanted_by: str,
) -> None:
    """Write the profile that the spec names, or add windows to it."""
    scale = float(factor)
    profiling.PAUSE_S = min(profiling.PAUSE_S * float(pauses), _COLD_S)
    network = open_trial(Path(spec))
    assert network.spec.regressors is not None, "a trial spec names its profiles"
    file = network.spec.resolve(getattr(network.spec.regressors, node))
    try:
        profile = profiling.profile_node(
            network,
            node,
            np.load(inputs),
            photos=sample_photos(network),
            windows=_likely(wanted_by, node),
            budget_s=float(budget_s),
            started=read_profile(file, node, network.graph.sha256) if wanted_by else None,
            progress=_Progress(),
            clock=lambda: time.thread_time() * scale,
        )
        with_regressors(profile, network.graph).write(file)
    except EdgentError as error:
        say(failed=str(error))
    else:
        say(share=1.0, done=True)


def _likely(specs: Sequence[str], node: Literal["device", "edge"]) -> list[Place]:
    """The windows that plans of each spec are most likely to choose."""
    likely: dict[Place, None] = {}
    for network in map(open_trial, map(Path, specs)):
        files, sha256 = network.spec.regressors, network.graph.sha256
        assert files is not None, "a trial spec names its profiles"
        device = read_profile(network.spec.resolve(files.device), "device", sha256)
        edge = read_profile(network.spec.resolve(files.edge), "edge", sha256)
        of_node, other = (device, edge) if node == "device" else (edge, device)
        likely |= dict.fromkeys(list(promising_segments(network, of_node, other))[:_MOST_WINDOWS])
    return list(likely)


if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]  # the node is checked by whoever starts this
