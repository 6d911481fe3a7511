"""The requests of a simulation: when they are made, by which device, over which link.

All draws are the same for any number of edges (common random numbers), so that two numbers of edges are told
apart by what edges do and by nothing else. Links are dealt out evenly, not drawn.
"""

import math
from dataclasses import dataclass

import numpy as np

from edgent.capacity.link_cells import LinkCells
from edgent.capacity.scenario import Edges, Scenario
from edgent.planning.costs import FloatArray, IntArray

_ENOUGH_DEVICES = 500
"""So many devices, or all, are simulated: with fewer, their links would not be like those of all."""
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
"""Multiples of it, without whole numbers, lie evenly from 0 to 1, however many."""


@dataclass(frozen=True)
class Span:
    """How long is simulated.

    Attributes:
        least_s: seconds that count, at least.
        least_requests: that count, at least, about.
        most_requests: that count, at most, about: a crowd of devices shows within seconds what comes of it.
        warm_up: what comes before that and does not count, as a share of it.
    """

    least_s: float = 60.0
    least_requests: int = 20_000
    most_requests: int = 1_000_000
    warm_up: float = 1.0 / 3.0

    def counted_s(self, rate_hz: float) -> float:
        """Seconds that count where all devices together ask so often a second."""
        return min(max(self.least_s, self.least_requests / rate_hz), self.most_requests / rate_hz)


@dataclass(frozen=True, eq=False)
class Crowd:
    """Requests in the order of time. Arrays of shape (n,).

    Attributes:
        devices: how many make them.
        edges: among how many edges these are dealt out, as evenly as can be.
        counted_s: seconds that count.
        begins_s: when these begin.
        asked_s: when each request is made.
        device: by which device.
        edge: of which edge.
        cell: of what the device knows of its link.
        upload_bps, download_bps: what transfers meet.
    """

    devices: int
    edges: int
    counted_s: float
    begins_s: float
    asked_s: FloatArray
    device: IntArray
    edge: IntArray
    cell: IntArray
    upload_bps: FloatArray
    download_bps: FloatArray

    @classmethod
    def of(cls, scenario: Scenario, edges: Edges, links: LinkCells, span: Span) -> "Crowd":
        """Devices of as many edges as have enough of them: edges share nothing, so these stand for all.

        There are as many devices to an edge as there are in all: some edges have none where edges are more.
        """
        is_shared = edges.count > 0 and edges.workers is not None
        groups = edges.count if is_shared else scenario.devices
        simulated = min(groups, math.ceil(_ENOUGH_DEVICES * groups / scenario.devices))
        devices = max(round(scenario.devices * simulated / groups), 1)
        rate_hz = devices * scenario.rate_hz
        counted_s = span.counted_s(rate_hz)
        begins_s = span.warm_up * counted_s
        asked_s = _poisson(rate_hz, begins_s + counted_s, scenario.seed)
        device = (devices * np.random.default_rng([scenario.seed, 1]).random(asked_s.size)).astype(np.int64)
        total_s = np.array([trace.total_s for trace in scenario.traces])
        trace = device % total_s.size
        from_s = total_s[trace] * (device * _GOLDEN % 1.0)
        cell, (upload_bps, download_bps) = links.met(trace, from_s + asked_s)
        return cls(
            devices,
            simulated,
            counted_s,
            begins_s,
            asked_s,
            device,
            device * simulated // devices,
            cell,
            upload_bps,
            download_bps,
        )


def _poisson(rate_hz: float, until_s: float, seed: int) -> FloatArray:
    """Moments of a Poisson process from 0 on; at another rate the same ones, closer or further apart."""
    expected = rate_hz * until_s
    count = math.ceil(expected + 6.0 * math.sqrt(expected) + 10.0)
    asked_s = np.random.default_rng([seed, 0]).exponential(size=count).cumsum() / rate_hz
    return asked_s[asked_s < until_s]
