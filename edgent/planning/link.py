"""The link between device and edge, as the planner sees it: three numbers."""

import math
from dataclasses import dataclass

from edgent.errors import PlanError

LONGEST_ROUND_TRIP_S = 3600.0
HIGHEST_BANDWIDTH_BPS = 1e12


@dataclass(frozen=True)
class Link:
    """Round trip and bandwidths of the link.

    Attributes:
        round_trip_s: t0, seconds of a request with nothing in it: round trip plus service overhead.
        upload_bps: bits per second from device to edge; 0 means that nothing gets through.
        download_bps: bits per second from edge to device; 0 means that nothing gets through.

    Raises:
        PlanError: a value is negative, not finite or beyond belief.
    """

    round_trip_s: float
    upload_bps: float
    download_bps: float

    def __post_init__(self) -> None:
        _check("round_trip_s", self.round_trip_s, LONGEST_ROUND_TRIP_S, "seconds")
        _check("upload_bps", self.upload_bps, HIGHEST_BANDWIDTH_BPS, "bits per second")
        _check("download_bps", self.download_bps, HIGHEST_BANDWIDTH_BPS, "bits per second")


def _check(name: str, value: float, highest: float, unit: str) -> None:
    if not (math.isfinite(value) and 0 <= value <= highest):
        raise PlanError(
            f"link: {name} is {value:g}; expected 0 to {highest:g} {unit}; measure or state it again"
        )
