"""What it costs to run a path in the pieces between exits, in place of one session."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from device_runtime.local_exits.exit_segments import ExitSegments
from device_runtime.local_exits.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.network import Network
    from edgent.planning.stages import Stage

_WARM_UP = 10


@dataclass(frozen=True)
class Split:
    """Median seconds of an exit's path, hot.

    Attributes:
        whole_s: In one session.
        pieces_s: In pieces, the exits before it passed by.
        answering_s: In pieces, every exit on the way answered.
    """

    network: str
    exit: str
    whole_s: float
    pieces_s: float
    answering_s: float


def measure_splitting(network: Network, runs: int) -> list[Split]:
    """Every exit in turn, many times: what disturbs one way of running disturbs all."""
    sessions, segments, graph = Sessions(network), ExitSegments(network.graph), network.graph
    zeros = np.zeros((1, *graph.input_shape), graph.input_dtype)
    ways = segments.ahead(0)
    chains: list[tuple[Sequence[Stage], ...]] = []
    for k, way in enumerate(ways):
        branch = [way.branch] if way.branch else []
        pieces = [before.trunk for before in ways[: k + 1] if before.trunk] + branch
        chains.append((segments.to(way.exit, 0), pieces))
    took_s = np.zeros((_WARM_UP + runs, len(ways), 3))
    for run in range(_WARM_UP + runs):
        for k, chain in enumerate(chains):
            took_s[run, k, :2] = [_seconds(sessions, stages, zeros) for stages in chain]
        took_s[run, :, 2] = _climb_seconds(sessions, segments, zeros)
    medians_s = np.median(took_s[_WARM_UP:], axis=0)
    return [
        Split(network.spec.name, way.exit, *map(float, row)) for way, row in zip(ways, medians_s, strict=True)
    ]


def _seconds(sessions: Sessions, stages: Sequence[Stage], tensor: np.ndarray) -> float:
    began_s = time.perf_counter()
    for stage in stages:
        tensor = sessions.run(stage, tensor)
    return time.perf_counter() - began_s


def _climb_seconds(sessions: Sessions, segments: ExitSegments, tensor: np.ndarray) -> list[float]:
    """Until each exit's answer, with those before it answered, too."""
    began_s, until_s, image = time.perf_counter(), list[float](), tensor
    for way in segments.ahead(0):
        if way.trunk is not None:
            tensor = sessions.run(way.trunk, tensor)
        if way.branch is not None:
            sessions.run(way.branch, image if way.from_input else tensor)
        until_s.append(time.perf_counter() - began_s)
    return until_s
