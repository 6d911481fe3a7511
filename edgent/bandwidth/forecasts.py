"""The forecasts by name, open to other packages.

A package adds a forecast by an entry point of the group ``edgent.forecasts``; a program adds one by
``FORECASTS.add``. Either names a function that makes a forecast from the prior of the change point detector.
"""

from collections.abc import Callable

from edgent.bandwidth.change_point import ChangePointForecast, ChangePointPrior
from edgent.bandwidth.conformal import ConformalForecast
from edgent.bandwidth.forecast import Forecast
from edgent.bandwidth.last_value import LastValueForecast
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.core.registry import Registry
from edgent.errors import PluginError

MakeForecast = Callable[[ChangePointPrior], Forecast]
WITHOUT_PRIOR = frozenset({"moving-average", "last-value"})
"""Forecasts that make nothing of the prior, and so need no configuration map to have one from."""


class ForecastRegistry(Registry[MakeForecast]):
    """A registry of what makes forecasts."""

    def accept(self, name: str, item: MakeForecast) -> None:
        """Check that an item makes a forecast."""
        made: object = item(ChangePointPrior()) if callable(item) else item
        if not callable(item) or not isinstance(made, Forecast):
            parts = [part for part in vars(Forecast) if not part.startswith("_") and not hasattr(made, part)]
            lacks = f" that lacks {', '.join(parts)}" if callable(item) else ""
            raise PluginError(
                f"forecast {name!r} gives {made!r}{lacks}; it must be a function of a ChangePointPrior that "
                "gives an object of the kind of edgent.bandwidth.forecast.Forecast, whose properties answer "
                "before the first update, too"
            )


FORECASTS = ForecastRegistry(
    "forecast",
    "edgent.forecasts",
    {
        "moving-average": lambda _: MovingAverageForecast(),
        "change-point": ChangePointForecast,
        "last-value": lambda _: LastValueForecast(),
        "conformal": lambda _: ConformalForecast(),
    },
)
