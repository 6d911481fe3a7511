"""What another package's forecast says is looked at before plans are weighed by it."""

import math

import numpy as np

from edgent.bandwidth.forecast import Forecast
from edgent.bandwidth.traces import Floats
from edgent.errors import PluginError

_ROUNDING = 1e-9
"""By so much a probability may be off."""


def checked_mean_bps(forecast: Forecast) -> float:
    """The mean of a forecast in bit/s.

    Raises:
        PluginError: it is no number above 0.
    """
    mean_bps = forecast.mean_bps
    try:
        is_bandwidth = 0 < mean_bps < math.inf
    except TypeError:
        is_bandwidth = False
    if not is_bandwidth:
        raise PluginError(f"{_name(forecast)} has mean_bps {mean_bps!r}; it must be a number above 0")
    return mean_bps


def checked_cdf(forecast: Forecast, bandwidths_bps: Floats) -> Floats:
    """The probabilities of a forecast.

    Args:
        forecast: is asked.
        bandwidths_bps: rising. Shape (n,).

    Returns:
        P(next observation <= bandwidth). Shape (n,).

    Raises:
        PluginError: they are not one for each bandwidth, not from 0 to 1, or they fall.
    """
    cdf: object = forecast.cdf(bandwidths_bps)
    if not isinstance(cdf, np.ndarray) or cdf.shape != bandwidths_bps.shape:
        given = f"shape {cdf.shape}" if isinstance(cdf, np.ndarray) else repr(cdf)[:60]
        raise PluginError(
            f"{_name(forecast)} gives a cdf of {given} for bandwidths of shape {bandwidths_bps.shape}; "
            "it must be an array of their shape"
        )
    probabilities = cdf.astype(np.float64)
    steps = np.diff(probabilities, prepend=0.0, append=1.0)
    if not (steps >= -_ROUNDING).all():  # nor is what is no number
        raise PluginError(
            f"{_name(forecast)} gives a cdf that is no distribution: over rising bandwidths it goes from "
            f"{probabilities[0]:g} to {probabilities[-1]:g}; it must rise from 0 to 1 and never fall"
        )
    return probabilities


def _name(forecast: Forecast) -> str:
    kind = type(forecast)
    return f"forecast {kind.__module__}.{kind.__qualname__}"
