"""What is known of the next transfer's bandwidths in both directions, made ready for thousands of plans.

Up and down are taken as independent: on recorded pairs what one forecast misses tells next to nothing of what
the other misses (docs/laboratory/forecasts.md). Where only one direction is followed, the other is a fixed
multiple.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from edgent.planning.bandwidth_distribution import BandwidthDistribution
from edgent.planning.cost_table import ALL, Columns, CostTable
from edgent.planning.costs import FloatArray, IntArray
from edgent.planning.situation import Situation

_SHUFFLED: IntArray = np.array([0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15])
"""Which quantile of the download goes with each of the upload: bits reversed, so that all meet all."""


@dataclass(frozen=True, eq=False)
class LinkDistribution:
    """The joint distribution of both bandwidths; the round trip counts as known.

    Attributes:
        situation: whose forecasts are asked once they are needed, and so before they learn more.
    """

    situation: Situation

    @cached_property
    def upload(self) -> BandwidthDistribution:
        """The distribution of the upload bandwidth."""
        return BandwidthDistribution.of(self.situation.forecast)

    @cached_property
    def download(self) -> BandwidthDistribution | None:
        """That of the download bandwidth; None: it is the situation's `download_ratio` times the upload."""
        forecast = self.situation.download_forecast
        return None if forecast is None else BandwidthDistribution.of(forecast)

    def in_time(self, table: CostTable, budget_s: float | FloatArray, plans: Columns = ALL) -> FloatArray:
        """P(latency <= budget) of some plans, or of all.

        Of two directions, the one that takes a plan less time stands still at some bandwidths that share its
        distribution among them, and the other is asked how likely it leaves time for both.

        Args:
            table: all plans.
            budget_s: seconds from input to answer; they may differ, shape (n_plans,) or (n, n_plans).
            plans: columns of the plans that are asked about.

        Returns:
            Probabilities in the shape of budgets and plans: (n_plans,) or (n, n_plans).
        """
        round_trip_s, ratio = self.situation.link.round_trip_s, self.situation.download_ratio
        if self.download is None:
            budget_s = budget_s - self._beyond_prediction_s(table, plans)
            needed_bps = table.required_bandwidth_bps(budget_s, round_trip_s, ratio, plans)
            return self.upload.at_least(needed_bps)
        spare_s = budget_s - self._fixed_s(table, plans)
        sides = [
            (8.0 * table.upload_bytes[plans], self.upload),
            (8.0 * table.download_bytes[plans], self.download),
        ]
        uploads = sides[0][0] * self.download.middle_bps >= sides[1][0] * self.upload.middle_bps
        chances = np.zeros(spare_s.shape)
        for of_side, (more, less) in ((uploads, sides), (~uploads, sides[::-1])):
            if of_side.any():
                bits = more[0][of_side], less[0][of_side]
                chances[..., of_side] = _sum_in_time(spare_s[..., of_side], *bits, more[1], less[1])
        return np.where(table.remote[plans], chances, spare_s >= 0)

    def latency_s(self, table: CostTable, plans: Columns = ALL) -> FloatArray:
        """Seconds of some plans, or of all, at sixteen links of equal share, the quickest last.

        Shape (16, n) of n plans.
        """
        upload_bps = self.upload.quantiles_bps[:, None]
        if self.download is None:
            moving_s = table.bits(self.situation.download_ratio)[plans] / upload_bps
        else:
            download_bps = self.download.quantiles_bps[_SHUFFLED, None]
            moving_s = 8.0 * (
                table.upload_bytes[plans] / upload_bps + table.download_bytes[plans] / download_bps
            )
        latency_s: FloatArray = self._fixed_s(table, plans) + moving_s
        return latency_s

    def _fixed_s(self, table: CostTable, plans: Columns) -> FloatArray:
        """Seconds of plans that do not depend on bandwidth. Shape (n,)."""
        fixed_s = table.fixed_s(self.situation.link.round_trip_s, plans)
        return fixed_s + self._beyond_prediction_s(table, plans)

    def _beyond_prediction_s(self, table: CostTable, plans: Columns) -> FloatArray:
        """What computing may take longer than predicted where the edge is asked. Shape (n,)."""
        beyond = (self.situation.compute_spread - 1.0) * table.remote[plans]
        beyond_s: FloatArray = beyond * table.compute_s[plans]
        return beyond_s


def _sum_in_time(
    spare_s: FloatArray,
    more_bits: FloatArray,
    less_bits: FloatArray,
    more: BandwidthDistribution,
    less: BandwidthDistribution,
) -> FloatArray:
    """P(more_bits / B + less_bits / b <= spare_s) for independent bandwidths B and b. Shape of `spare_s`."""
    bandwidth_bps, share = less.cells()
    left_s = spare_s - np.multiply.outer(1.0 / bandwidth_bps, less_bits).reshape(
        (-1, *[1] * (spare_s.ndim - 1), less_bits.size)
    )
    needed_bps = np.full(left_s.shape, np.inf)
    np.divide(more_bits, left_s, out=needed_bps, where=left_s > 0)
    chances: FloatArray = np.tensordot(share, more.at_least(needed_bps), axes=1)
    return chances
