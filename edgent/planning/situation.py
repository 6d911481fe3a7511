"""What a policy may look at before it decides."""

from dataclasses import dataclass

from edgent.bandwidth.forecast import Forecast
from edgent.planning.cost_table import BoolArray
from edgent.planning.decision import Decision
from edgent.planning.link import HIGHEST_BANDWIDTH_BPS, Link
from edgent.planning.paper.exit_search import check_requirement


@dataclass(frozen=True, eq=False)
class Situation:
    """What an optimizer may look at.

    Attributes:
        link: round trip, and the bandwidths that were measured last.
        latency_requirement_s: seconds from input to answer.
        forecast: foretells the upload bandwidth of the next transfer.
        previous: the decision before this one; None at the start.
        ready: candidates that may be chosen, shape (n_candidates,); None: all.
        download_ratio: download over upload bandwidth, to tell both from one forecast.
    """

    link: Link
    latency_requirement_s: float
    forecast: Forecast
    previous: Decision | None = None
    ready: BoolArray | None = None
    download_ratio: float = 1.0

    def __post_init__(self) -> None:
        check_requirement(self.latency_requirement_s)

    @property
    def mean_link(self) -> Link:
        """The link at the forecast's mean."""
        mean_bps = min(self.forecast.mean_bps, HIGHEST_BANDWIDTH_BPS)
        return Link(
            self.link.round_trip_s, mean_bps, min(mean_bps * self.download_ratio, HIGHEST_BANDWIDTH_BPS)
        )
