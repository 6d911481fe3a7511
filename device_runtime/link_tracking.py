"""How the bandwidth is followed while exchanges show it: on a steady link, and on one that moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from device_runtime.link import LinkMeter
    from edgent.bandwidth.forecast import Forecast

_FOLLOWING = 0.3  # share of a whole measurement that a steady link takes over
_TRUSTED_WEIGHT = 0.5  # a measurement that tells less than this does not replace the bandwidth


class LinkTracker(Protocol):
    """Follows one link."""

    @property
    def meter(self) -> LinkMeter:
        """Measures it, and holds what it is believed to be."""

    @property
    def state_changed(self) -> bool:
        """Whether the last measurement showed another bandwidth state."""

    def follow(self, upload_bps: float, weight: float) -> None:
        """Take in a measured bandwidth and how much it tells, 0 to 1."""


class SteadyLink:
    """Follows slowly: on a steady link most of what differs is noise, and there is one state."""

    state_changed = False

    def __init__(self, meter: LinkMeter) -> None:
        self.meter = meter

    def follow(self, upload_bps: float, weight: float) -> None:
        """Move the bandwidth towards what was measured, in proportion to what that tells."""
        before_bps, rate = self.meter.link.upload_bps, _FOLLOWING * weight
        if before_bps <= 0:
            self.meter.settle(upload_bps)
        elif upload_bps > 0:
            self.meter.settle(before_bps ** (1 - rate) * upload_bps**rate)


class MovingLink:
    """Feeds a forecast; the link is taken to be what was measured last."""

    def __init__(self, meter: LinkMeter, forecast: Forecast) -> None:
        """Begin with the measured link.

        Args:
            meter: measures the link.
            forecast: follows its upload bandwidth.
        """
        self.meter = meter
        self.forecast = forecast
        forecast.update(meter.link.upload_bps)

    def follow(self, upload_bps: float, weight: float) -> None:
        """Take in a measured bandwidth; one that tells little does not replace the last one."""
        self.forecast.update(upload_bps, weight)
        if weight >= _TRUSTED_WEIGHT:
            self.meter.settle(upload_bps)

    @property
    def state_changed(self) -> bool:
        """What the forecast says."""
        return self.forecast.changed
