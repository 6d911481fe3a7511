"""The layers that the device runs itself: loaded when first needed, kept, and timed."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from device_runtime.learning.run_times import RunTimes
from edgent.core.providers import check_available
from edgent.core.segment import Segment
from edgent.errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from edgent.core.segment import Stop
    from edgent.network import Network
    from edgent.planning.stages import Stage

_FIRST_RUNS = 3
_FIRST_S = 0.1  # after so long, a device runs what it has loaded no more: others are to be loaded
_Chain = tuple[Segment, ...]
"""The sessions of a stage's decoder, layers and encoder, as far as it has them."""


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
        self._loading = threading.Lock()
        self._segments: dict[Path, Segment] = {}
        self._by_tensors: dict[tuple[str, str], tuple[_Chain, RunTimes]] = {}
        self._by_stage: dict[Stage, tuple[_Chain, RunTimes]] = {}

    def load(self, stage: Stage) -> None:
        """Make a stage's layers ready and warm: slow the first time, a look-up afterwards.

        A new session takes tenths of a second, so it is loaded where nothing waits for it. Of several threads
        that ask for one, the first loads it and the others wait.
        """
        if stage not in self._by_stage:
            with self._loading:
                self._load(stage)

    def load_all(self, stages: Iterable[Stage]) -> None:
        """Make the layers of some stages ready and warm."""
        for stage in stages:
            self.load(stage)

    def _load(self, stage: Stage) -> None:
        """What `load` does, in one thread at a time."""
        if stage in self._by_stage:
            return
        key = self._ends(stage)
        if key in self._by_tensors:
            self._by_stage[stage] = self._by_tensors[key]
            return
        if len(stage.parts) > 1:  # each may be asked for by itself
            for part in stage.parts:
                self._load(part)
        chain, times = tuple(self._segment(part) for part in stage.parts), RunTimes()
        zeros = np.zeros((1, *chain[0].input_shape), chain[0].input_dtype)
        for _ in range(_FIRST_RUNS):
            began_s = self._clock()
            _run(chain, zeros)
            times.observe(self._clock() - began_s)
            if sum(times.runs_s) > _FIRST_S:
                break
        self._by_stage[stage] = self._by_tensors[key] = (chain, times)

    def is_loaded(self, stage: Stage) -> bool:
        """Whether a stage's layers would run at once."""
        return stage in self._by_stage

    def run(self, stage: Stage, tensor: np.ndarray, stop: Stop | None = None) -> np.ndarray:
        """What a stage's layers make of a tensor, shape (batch, ...).

        Raises:
            StoppedError: ``stop`` was called meanwhile.
        """
        chain, times = self._session(stage)
        began_s = self._clock()
        try:
            output = _run(chain, tensor, stop)
        except StoppedError:
            stopped_s = self._clock() - began_s
            if stopped_s > times.typical_s:  # it tells of a device that is slower now
                times.observe(stopped_s)
            raise
        times.observe(self._clock() - began_s)
        return output

    def times_of(self, stage: Stage) -> RunTimes:
        """What the latest runs of a stage's layers took."""
        return self._session(stage)[1]

    def _session(self, stage: Stage) -> tuple[_Chain, RunTimes]:
        self.load(stage)
        return self._by_stage[stage]

    def _ends(self, stage: Stage) -> tuple[str, str]:
        """Names of what goes into a stage and of what comes out of it."""
        path, codecs = self._network.graph.path_of(stage.exit), self._network.feature_codecs
        return (
            codecs[stage.decoder].code.name if stage.decoder else path.cut_tensor(stage.start),
            codecs[stage.encoder].code.name if stage.encoder else path.cut_tensor(stage.stop),
        )

    def _segment(self, part: Stage) -> Segment:
        """The session of one part of a stage, opened once."""
        codecs = self._network.feature_codecs
        if part.decoder or part.encoder:
            file = codecs[part.decoder].decoder if part.decoder else codecs[part.encoder or ""].encoder
        else:
            index = self._network.graph.path_of(part.exit).index
            file = self._network.segments.segment(index, part.start, part.stop)
        if file not in self._segments:
            device = self._network.spec.device
            self._segments[file] = Segment(
                file,
                providers=device.providers,
                provider_options=device.provider_options,
                threads=device.threads,
            )
            self._segments[file].warm_up(1)
        return self._segments[file]


def _run(chain: _Chain, tensor: np.ndarray, stop: Stop | None = None) -> np.ndarray:
    """What sessions make of a tensor, one after the other."""
    for segment in chain:
        tensor = segment.run(tensor, stop)
    return tensor
