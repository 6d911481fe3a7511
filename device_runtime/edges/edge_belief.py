"""What the device believes of an edge and of the link to it, for those who look on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.planning.bandwidth_distribution import BandwidthDistribution

if TYPE_CHECKING:
    from edgent.bandwidth.forecast import Forecast

LEVELS = (0.1, 0.9)
"""The next bandwidth is below the first with this probability, and below the second with that."""


@dataclass(frozen=True)
class BandwidthBelief:
    """What the next transfer in one direction may meet.

    Attributes:
        mean_bps: the level that the bandwidth is at, bit/s.
        low_bps, high_bps: one in ten transfers is expected below, and one in ten above; both are the mean
            where the link counts as steady.
    """

    mean_bps: float
    low_bps: float
    high_bps: float

    @classmethod
    def steady(cls, bandwidth_bps: float) -> BandwidthBelief:
        """A bandwidth that stays as it is."""
        return cls(bandwidth_bps, bandwidth_bps, bandwidth_bps)

    @classmethod
    def of(cls, forecast: Forecast) -> BandwidthBelief:
        """What a forecast says now."""
        low_bps, high_bps = BandwidthDistribution.of(forecast).at(np.array(LEVELS)).tolist()
        return cls(forecast.mean_bps, low_bps, high_bps)


@dataclass(frozen=True)
class LinkBelief:
    """What is believed of a link.

    Attributes:
        round_trip_s: seconds of a request with nothing in it, the edge's queue included.
        upload, download: what the next transfer may meet.
    """

    round_trip_s: float
    upload: BandwidthBelief
    download: BandwidthBelief


@dataclass(frozen=True)
class EdgeBelief:
    """What is believed of an edge.

    Attributes:
        name: in the spec, or its address.
        absence: why it is left alone; None while it may be asked.
        link: to it; None where the plan is fixed and nothing is measured.
    """

    name: str
    absence: str | None
    link: LinkBelief | None
