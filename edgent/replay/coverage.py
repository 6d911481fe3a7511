"""How often plans were late that were predicted to be late so and so often."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from edgent.bandwidth.forecast import Forecast
from edgent.bandwidth.traces import BandwidthTrace
from edgent.planning.costs import BoolArray, FloatArray, IntArray
from edgent.planning.link import Link
from edgent.planning.link_distribution import LinkDistribution
from edgent.replay.conditions import Conditions
from edgent.replay.simulator import both_bps, situations

DECILES = 10


@dataclass(frozen=True, eq=False)
class Coverage:
    """Predictions by the tenth that their P(late) is in. Arrays of shape (10,).

    Attributes:
        count: predictions.
        expected: late answers that were predicted, the sum of P(late).
        late: late answers that there were.
    """

    count: IntArray
    expected: FloatArray
    late: IntArray

    @classmethod
    def of(cls, late_probability: FloatArray, late: BoolArray) -> "Coverage":
        """Of predictions and of what became of them, arrays of one shape."""
        decile = np.minimum((DECILES * late_probability).astype(np.int64), DECILES - 1).ravel()
        expected = np.bincount(decile, late_probability.ravel(), minlength=DECILES)
        return cls(
            np.bincount(decile, minlength=DECILES),
            expected.astype(np.float64),
            np.bincount(decile[late.ravel()], minlength=DECILES),
        )

    def __add__(self, other: "Coverage") -> "Coverage":
        return Coverage(self.count + other.count, self.expected + other.expected, self.late + other.late)

    @property
    def predicted_share(self) -> FloatArray:
        """Mean P(late) in each tenth; not a number where there is none."""
        return _share(self.expected, self.count)

    @property
    def late_share(self) -> FloatArray:
        """Share that was late in each tenth; not a number where there is none."""
        return _share(self.late, self.count)


def _share(part: FloatArray | IntArray, count: IntArray) -> FloatArray:
    share: FloatArray = np.divide(part, count, out=np.full(DECILES, np.nan), where=count > 0)
    return share


def coverage(
    trace: BandwidthTrace,
    new_forecast: Callable[[], Forecast],
    conditions: Conditions,
    chosen: Sequence[IntArray] = (),
) -> list[Coverage]:
    """Of all plans that need the edge, asked or not, and of those that policies chose on the same forecast.

    Args:
        trace: the link.
        new_forecast: makes the forecast that P(late) is of.
        conditions: of the replay.
        chosen: for each policy the plan of every step, as in `Replay.candidate`.

    Returns:
        The coverage of all plans, then that of each policy's.
    """
    table, requirement_s = conditions.table, conditions.latency_requirement_s
    steps = both_bps(trace)[:, 1:].T.tolist()
    remote = np.flatnonzero(table.remote)
    totals = [Coverage.of(np.zeros(0), np.zeros(0, np.bool_))] * (1 + len(chosen))
    told = situations(trace, new_forecast, conditions)
    for number, (situation, (upload_bps, download_bps)) in enumerate(zip(told, steps, strict=True)):
        late_probability = 1 - LinkDistribution(situation).in_time(table, requirement_s)
        met = Link(conditions.round_trip_s, upload_bps, download_bps)
        late = table.latency_s(met) > requirement_s
        asked = [remote, *(plans[[number]][table.remote[plans[[number]]]] for plans in chosen)]
        totals = [
            total + Coverage.of(late_probability[plans], late[plans])
            for total, plans in zip(totals, asked, strict=True)
        ]
    return totals


def summed(coverages: Iterable[Sequence[Coverage]]) -> list[Coverage]:
    """The coverage over several traces, in the order of `coverage`."""
    totals: list[Coverage] = []
    for of_trace in coverages:
        totals = [a + b for a, b in zip(totals, of_trace, strict=True)] if totals else list(of_trace)
    return totals
