"""Edge-only on a link that moves: which image codec, for who knows the link and how large the photo is."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle

import numpy as np

from benchmarks.studies.workload.methods import edge_only
from edgent.bandwidth.traces import BandwidthTrace
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import FloatArray
from edgent.planning.link import Link
from edgent.planning.plan import Plan

_HELD = 2
"""How many codecs of each requirement are asked for a whole trace."""
_SPARE = 0.1
"""What is chosen for a photo is to leave so much of the requirement, as predictions err and a link moves."""


class EdgeCodecs:
    """The deepest exit on the edge behind every image codec, as predicted for each photo that comes."""

    def __init__(self, table: CostTable, links: Sequence[Link], sizes: Sequence[float]) -> None:
        """Predict.

        Args:
            table: Costs of all plans; none may be left out because ours has a better one.
            links: What the link carries when each photo comes.
            sizes: How many times as many bytes as the mean each photo's file has, and so, about, what every
                codec makes of it; they begin again where more photos come.
        """
        self._plans = edge_only(table, links[0], 0.0)
        columns = np.array([table.index_of(plan) for plan in self._plans])
        self._accuracy = table.accuracy[columns]
        self._sent_bytes = table.upload_bytes[columns]
        # A photo of twice the bytes takes as long as one of the mean on half the bandwidth.
        coming = (replace(link, upload_bps=link.upload_bps / size) for link, size in zip(links, cycle(sizes)))
        self._latency_s = np.array([table.latency_s(link, columns) for link in coming])

    def for_each_photo(self, requirement_s: float) -> list[Plan]:
        """For each photo the most accurate plan that is in time with some to spare; else the quickest.

        Where nothing gets through the one with the fewest bytes is the quickest.
        """
        worth = self._worth((1 - _SPARE) * requirement_s)
        # By the last key first: the best is the last of each row.
        keys = (-np.broadcast_to(self._sent_bytes, worth.shape), -self._latency_s, worth)
        return [self._plans[row[-1]] for row in np.lexsort(keys, axis=1).tolist()]

    def to_hold(self, requirements_s: Sequence[float]) -> list[Plan]:
        """The plans that are best where one is kept for the whole trace, a few for each requirement.

        One that is in time for no photo is never among them.
        """
        held: dict[Plan, None] = {}
        for requirement_s in requirements_s:
            mean = self._worth(requirement_s).mean(axis=0)
            best = np.argsort(-mean, kind="stable")[:_HELD].tolist()
            held |= {self._plans[k]: None for k in best if mean[k] > 0}
        return list(held)

    def _worth(self, requirement_s: float) -> FloatArray:
        """Accuracy in time; shape (photos, plans)."""
        worth: FloatArray = self._accuracy * (self._latency_s <= requirement_s)
        return worth


def links_at(trace: BandwidthTrace, times_s: Sequence[float], round_trip_s: float) -> list[Link]:
    """What a link that follows a trace carries at these times, with one round trip."""
    up_bps = trace.bandwidth_at(times_s).tolist()
    down_bps = (trace.download or trace).bandwidth_at(times_s).tolist()
    return [Link(round_trip_s, *rates) for rates in zip(up_bps, down_bps, strict=True)]
