"""A device that takes exactly as long as its profile says: what it computes is real, its pace is not.

A live run beside a replay is to show what following a link costs. With the replay's own compute times on the
device, whatever differs is the link's. (`dilation` multiplies what a segment takes here and now instead: two
hundred times a cold cache.)
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import numpy as np

import device_runtime.local_exits.sessions as sessions_module
from device_runtime.local_exits.exit_segments import ExitSegments
from edgent.core.providers import CPU, ProviderOptions
from edgent.core.segment import Segment, Stop
from edgent.errors import StoppedError
from edgent.latency.profile import read_profile
from edgent.network import Network

_STEP_S = 1e-3
"""How long a stopped run goes on at most."""


class PacedSegment(Segment):
    """A tail that answers when its profiled time is over; known by its file.

    Attributes:
        seconds_by_file: of every tail, and of the trunk's pieces between exits.
    """

    seconds_by_file: ClassVar[Mapping[Path, float]] = {}

    def __init__(
        self,
        model: bytes | Path,
        *,
        providers: Sequence[str] = (CPU,),
        provider_options: ProviderOptions = MappingProxyType({}),
        threads: int = 1,
    ) -> None:
        super().__init__(model, providers=providers, provider_options=provider_options, threads=threads)
        assert isinstance(model, Path), "the device opens its tails in the cache"
        self._takes_s = self.seconds_by_file[model]

    def run(self, tensor: np.ndarray, stop: Stop | None = None) -> np.ndarray:
        """See `Segment.run`."""
        due_s = time.perf_counter() + self._takes_s
        output = super().run(tensor, stop)
        while (left_s := due_s - time.perf_counter()) > 0:
            if stop is not None and stop.options.terminate:
                raise StoppedError("ended while it was paced")
            time.sleep(left_s if stop is None else min(left_s, _STEP_S))
        return output


def pace(network: Network) -> None:
    """From now on this process's tails take the times of the device's profile."""
    spec = network.spec
    assert spec.regressors is not None, "a paced network has profiles"
    profile = read_profile(spec.resolve(spec.regressors.device), "device", network.graph.sha256)
    last: dict[str, int] = {}
    for row in profile.segments:
        last[row.exit] = max(last.get(row.exit, 0), row.stop)
    tails_s = {
        (row.exit, row.start): row.timing.time_s for row in profile.segments if row.stop == last[row.exit]
    }
    index, file_of = network.graph.exit_names.index, network.segments.file_of
    pieces_s = {  # of the trunk: what its tails differ by
        (piece.exit, piece.start, piece.stop): max(
            tails_s[piece.exit, piece.start] - tails_s.get((piece.exit, piece.stop), 0.0), 0.0
        )
        for piece in ExitSegments(network.graph).all()
        if piece.stop < last[piece.exit]
    }
    pieces_s |= {(name, start, last[name]): seconds for (name, start), seconds in tails_s.items()}
    PacedSegment.seconds_by_file = {
        file_of(index(name), start, stop): seconds for (name, start, stop), seconds in pieces_s.items()
    }
    setattr(sessions_module, "Segment", PacedSegment)  # noqa: B010  a plain assignment is no type that mypy knows
