"""The forecasts by name, open to other packages.

A package adds a forecast by an entry point of the group ``edgent.forecasts``; a program adds one by
``FORECASTS.add``. Either names a function that makes a forecast from the prior of the change point detector.
"""

from collections.abc import Callable

from edgent.bandwidth.change_point import ChangePointForecast, ChangePointPrior
from edgent.bandwidth.forecast import Forecast
from edgent.bandwidth.last_value import LastValueForecast
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.core.registry import Registry

FORECASTS: Registry[Callable[[ChangePointPrior], Forecast]] = Registry(
    "forecast",
    "edgent.forecasts",
    {
        "moving-average": lambda _: MovingAverageForecast(),
        "change-point": ChangePointForecast,
        "last-value": lambda _: LastValueForecast(),
    },
)
