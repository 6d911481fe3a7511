"""The layers that the device runs itself: loaded when first needed, kept, and timed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from device_runtime.run_times import RunTimes
from edgent.core.providers import check_available
from edgent.core.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.core.segment import Stop
    from edgent.network import Network
    from edgent.planning.stages import Stage

_FIRST_RUNS = 3


class Sessions:
    """Loaded segments, by the names of their first and last tensor: exits that share layers share them."""

    def __init__(self, network: Network, clock: Callable[[], float] = time.perf_counter) -> None:
        """Nothing is loaded yet.

        Raises:
            ProviderError: the onnxruntime here has not what the spec names for the device.
        """
        check_available(network.spec.device.providers, f"{network.spec.file}: device.providers")
        self._network = network
        self._clock = clock
        self._by_tensors: dict[tuple[str, str], tuple[Segment, RunTimes]] = {}
        self._by_stage: dict[Stage, tuple[Segment, RunTimes]] = {}

    def load(self, stage: Stage) -> tuple[float, ...]:
        """Make a stage's layers ready and warm: slow the first time, a look-up afterwards.

        A new session takes tenths of a second, so it is loaded where nothing waits for it.

        Returns:
            Seconds that its first runs took; none where it was ready.
        """
        if stage in self._by_stage:
            return ()
        path = self._network.graph.path_of(stage.exit)
        key = (path.cut_tensor(stage.start), path.cut_tensor(stage.stop))
        if key in self._by_tensors:
            self._by_stage[stage] = self._by_tensors[key]
            return ()
        device = self._network.spec.device
        file = self._network.segments.segment(path.index, stage.start, stage.stop)
        segment = Segment(
            file,
            providers=device.providers,
            provider_options=device.provider_options,
            threads=device.threads,
        )
        segment.warm_up(1)
        times = RunTimes()
        zeros = np.zeros((1, *segment.input_shape), segment.input_dtype)
        for _ in range(_FIRST_RUNS):
            began_s = self._clock()
            segment.run(zeros)
            times.observe(self._clock() - began_s)
        self._by_stage[stage] = self._by_tensors[key] = (segment, times)
        return times.runs_s

    def is_loaded(self, stage: Stage) -> bool:
        """Whether a stage's layers would run at once."""
        return stage in self._by_stage

    def run(self, stage: Stage, tensor: np.ndarray, stop: Stop | None = None) -> np.ndarray:
        """What a stage's layers make of a tensor, shape (batch, ...).

        Raises:
            StoppedError: ``stop`` was called meanwhile.
        """
        segment, times = self._session(stage)
        began_s = self._clock()
        output = segment.run(tensor, stop)
        times.observe(self._clock() - began_s)
        return output

    def times_of(self, stage: Stage) -> RunTimes:
        """What the latest runs of a stage's layers took."""
        return self._session(stage)[1]

    def _session(self, stage: Stage) -> tuple[Segment, RunTimes]:
        self.load(stage)
        return self._by_stage[stage]
