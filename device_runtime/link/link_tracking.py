"""How the bandwidth is followed while exchanges show it: on a steady link, and on one that moves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from device_runtime.edges.edge_belief import BandwidthBelief, LinkBelief
from edgent.planning.link import HIGHEST_BANDWIDTH_BPS

if TYPE_CHECKING:
    from device_runtime.link.link import LinkMeter, Observation
    from edgent.bandwidth.forecast import Forecast
    from edgent.planning.link import Link

_FOLLOWING = 0.3  # share of a whole measurement that a steady link takes over
_TRUSTED_WEIGHT = 0.5  # a measurement that tells less than this does not replace the bandwidth


class LinkTracker(Protocol):
    """Follows one link."""

    @property
    def meter(self) -> LinkMeter:
        """Measures it, and holds what it is believed to be."""

    @property
    def expected(self) -> Link:
        """As it is expected to be for the next transfer."""

    @property
    def belief(self) -> LinkBelief:
        """What the next transfer may meet."""

    @property
    def state_changed(self) -> bool:
        """Whether the last measurement showed another bandwidth state."""

    def follow(self, up: Observation, down: Observation) -> None:
        """Take in what an exchange showed of both directions."""


class SteadyLink:
    """Follows slowly: on a steady link most of what differs is noise, and there is one state."""

    state_changed = False

    def __init__(self, meter: LinkMeter) -> None:
        self.meter = meter

    @property
    def expected(self) -> Link:
        """As it was measured."""
        return self.meter.link

    @property
    def belief(self) -> LinkBelief:
        """As it was measured: nothing is said of how far the next transfer may be off."""
        link = self.meter.link
        both = (BandwidthBelief.steady(bps) for bps in (link.upload_bps, link.download_bps))
        return LinkBelief(link.round_trip_s, *both)

    def follow(self, up: Observation, down: Observation) -> None:
        """Move both bandwidths towards what was measured, in proportion to what that tells."""
        link = self.meter.link
        self.meter.settle(_towards(link.upload_bps, up), _towards(link.download_bps, down))


def _towards(before_bps: float, seen: Observation) -> float:
    if before_bps <= 0:
        return seen.bandwidth_bps
    if seen.bandwidth_bps <= 0:
        return before_bps
    rate = _FOLLOWING * seen.weight
    together_bps: float = before_bps ** (1 - rate) * seen.bandwidth_bps**rate
    return together_bps


class MovingLink:
    """Feeds a forecast of each direction; the link is taken to be what was measured last."""

    def __init__(self, meter: LinkMeter, forecast: Forecast, download_forecast: Forecast) -> None:
        """Believe in the link as it was measured.

        Args:
            meter: measures the link.
            forecast: follows its upload bandwidth.
            download_forecast: follows its download bandwidth.
        """
        self.meter = meter
        self.forecast = forecast
        self.download_forecast = download_forecast
        forecast.update(meter.link.upload_bps)
        download_forecast.update(meter.link.download_bps)
        for of_direction in (forecast, download_forecast):
            of_direction.cdf(of_direction.mean_bps)  # what tables that needs is made now, not in a request

    def follow(self, up: Observation, down: Observation) -> None:
        """Take in measured bandwidths; one that tells little does not replace the last one."""
        self.forecast.update(up.bandwidth_bps, up.weight)
        self.download_forecast.update(down.bandwidth_bps, down.weight)
        link = self.meter.link
        self.meter.settle(_replaced(link.upload_bps, up), _replaced(link.download_bps, down))

    @property
    def state_changed(self) -> bool:
        """What the forecast of the upload says."""
        return self.forecast.changed

    @property
    def expected(self) -> Link:
        """The link at the forecasts' means."""
        upload_bps, download_bps = (
            min(forecast.mean_bps, HIGHEST_BANDWIDTH_BPS)
            for forecast in (self.forecast, self.download_forecast)
        )
        return replace(self.meter.link, upload_bps=upload_bps, download_bps=download_bps)

    @property
    def belief(self) -> LinkBelief:
        """What both forecasts say."""
        both = (BandwidthBelief.of(forecast) for forecast in (self.forecast, self.download_forecast))
        return LinkBelief(self.meter.link.round_trip_s, *both)


def _replaced(before_bps: float, seen: Observation) -> float:
    return seen.bandwidth_bps if seen.weight >= _TRUSTED_WEIGHT else before_bps
