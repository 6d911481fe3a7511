"""What a policy may look at before it decides."""

from dataclasses import dataclass

import numpy as np

from edgent.bandwidth.forecast import Forecast
from edgent.errors import PlanError
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray, FloatArray, IntArray
from edgent.planning.decision import Decision
from edgent.planning.fallback import LocalExit
from edgent.planning.link import HIGHEST_BANDWIDTH_BPS, Link


@dataclass(frozen=True, eq=False)
class Situation:
    """What a policy may look at.

    Attributes:
        link: round trip, and the bandwidths that were measured last.
        latency_requirement_s: seconds from input to answer.
        forecast: foretells the upload bandwidth of the next transfer.
        previous: the decision before this one; None at the start.
        ready: plans that may be chosen, shape (n_plans,); None: all.
        download_ratio: download over upload bandwidth, to tell both from one forecast.
        local_exits: the device's own exits that can stand by, with times that include their spread,
            and making an input of a photo's file.
        is_eager: whether the device runs them while the edge is awaited.
        download_forecast: foretells the download bandwidth; None where it was not followed by itself: it is
            then `download_ratio` times what the upload will be.
        compute_spread: how many times what computing is predicted to take most answers by way of the edge
            keep to, 1 or more. What the link does beyond prediction is the forecasts' to know.
        refusal_chance: that the edge refuses what it is asked, or answers later than predicted, as it is
            overloaded; 0 to 1.
    """

    link: Link
    latency_requirement_s: float
    forecast: Forecast
    previous: Decision | None = None
    ready: BoolArray | None = None
    download_ratio: float = 1.0
    local_exits: tuple[LocalExit, ...] = ()
    is_eager: bool = False
    download_forecast: Forecast | None = None
    compute_spread: float = 1.0
    refusal_chance: float = 0.0

    def __post_init__(self) -> None:
        check_requirement(self.latency_requirement_s)

    @property
    def mean_link(self) -> Link:
        """The link at the forecasts' means."""
        mean_bps = min(self.forecast.mean_bps, HIGHEST_BANDWIDTH_BPS)
        if self.download_forecast is None:
            download_bps = mean_bps * self.download_ratio
        else:
            download_bps = self.download_forecast.mean_bps
        return Link(self.link.round_trip_s, mean_bps, min(download_bps, HIGHEST_BANDWIDTH_BPS))

    def is_ready(self, k: int) -> bool:
        """Whether plan k may be chosen."""
        return self.ready is None or bool(self.ready[k])


def check_requirement(latency_requirement_s: float) -> None:
    """Refuse a latency requirement that is no positive number.

    Raises:
        PlanError: it is zero, negative or not finite.
    """
    if not 0 < latency_requirement_s < float("inf"):
        raise PlanError(
            f"latency requirement {latency_requirement_s:g} s: expected a positive number of seconds"
        )


def ready_latency_s(
    table: CostTable, link: Link, latency_requirement_s: float, ready: BoolArray | None
) -> FloatArray:
    """Latency of every plan, shape (n_plans,): infinite for those that are not ready.

    Raises:
        PlanError: the requirement is not a positive number, or no plan is ready.
    """
    check_requirement(latency_requirement_s)
    latency = table.latency_s(link)
    if ready is not None:
        check_ready(table, ready)
        latency[~ready] = np.inf
    return latency


def ready_plans(table: CostTable, situation: Situation) -> IntArray:
    """The columns of the plans that may be chosen, rising.

    Raises:
        PlanError: there are none.
    """
    if situation.ready is None:
        return np.arange(len(table))
    check_ready(table, situation.ready)
    return np.flatnonzero(situation.ready)


def check_ready(table: CostTable, ready: BoolArray) -> None:
    """Refuse a mask that fits no plans or leaves none.

    Raises:
        PlanError: wrong shape, or nothing ready.
    """
    if ready.shape != (len(table),):
        raise PlanError(f"ready has shape {ready.shape}; expected one value for each of {len(table)} plans")
    if not ready.any():
        raise PlanError("no plan is ready: the device's own plans (p0) should always be")
