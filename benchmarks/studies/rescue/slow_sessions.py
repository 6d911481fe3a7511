"""Layers that take so many times as long as they take here, with a small spread; a stop ends them at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from device_runtime.learning.run_times import RunTimes
from device_runtime.local_exits.sessions import Sessions
from edgent.errors import StoppedError

if TYPE_CHECKING:
    from edgent.core.segment import Stop
    from edgent.network import Network
    from edgent.planning.stages import Stage

_SPREAD = 0.03
_FIRST_RUNS = 3
_SAMPLES = 15


class SlowSessions(Sessions):
    """Computes at full speed and sleeps for the rest of its time.

    The testbed's dilation multiplies what a run takes between two sleeps, in which caches go cold: several
    times what small pieces take one after the other. Here that is measured without sleeping, and multiplied.

    Attributes:
        slice_s: a run that may be stopped looks so often whether it is.
    """

    slice_s = 1e-3

    def __init__(self, network: Network, slowdown: float) -> None:
        """Nothing is loaded yet.

        Args:
            network: The network.
            slowdown: How many times as long layers take.
        """
        super().__init__(network)
        self._quick = Sessions(network)
        self._slowdown = slowdown
        self._took_s: dict[Stage, float] = {}
        self._slow_times: dict[tuple[str, str], RunTimes] = {}
        self._random = np.random.default_rng(0)

    def load(self, stage: Stage) -> None:
        """Load a stage, and time it at full speed."""
        if stage in self._took_s:
            return
        self._quick.load(stage)
        tensor = self._network.graph.path_of(stage.exit).cut(stage.start)
        zeros = np.zeros((1, *tensor.shape), tensor.dtype)
        for _ in range(_SAMPLES):
            self._quick.run(stage, zeros)
        self._took_s[stage] = self._quick.times_of(stage).typical_s
        known = self._slow_times.setdefault(self._ends(stage), RunTimes())
        for _ in range(_FIRST_RUNS):
            known.observe(self._takes_s(stage))

    def is_loaded(self, stage: Stage) -> bool:
        """Whether a stage's layers would run at once."""
        return stage in self._took_s

    def times_of(self, stage: Stage) -> RunTimes:
        """What the latest slow runs took."""
        self.load(stage)
        return self._slow_times[self._ends(stage)]

    def run(self, stage: Stage, tensor: np.ndarray, stop: Stop | None = None) -> np.ndarray:
        """What the layers make of a tensor, in their time.

        Raises:
            StoppedError: It was stopped meanwhile.
        """
        self.load(stage)
        began_s = time.perf_counter()
        until_s = began_s + self._takes_s(stage)
        output = self._quick.run(stage, tensor, stop)
        while (left_s := until_s - time.perf_counter()) > 0:
            if stop is not None and stop.options.terminate:
                raise StoppedError("the run was ended before it was done")
            time.sleep(min(left_s, self.slice_s) if stop is not None else left_s)
        self._slow_times[self._ends(stage)].observe(time.perf_counter() - began_s)
        return output

    def _takes_s(self, stage: Stage) -> float:
        return self._slowdown * self._took_s[stage] * (1.0 + _SPREAD * float(self._random.standard_normal()))
