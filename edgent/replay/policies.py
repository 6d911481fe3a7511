"""The policies that a replay sets side by side, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from edgent.bandwidth.change_point import ChangePointForecast, ChangePointPrior
from edgent.bandwidth.forecast import Forecast
from edgent.bandwidth.last_value import LastValueForecast
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.errors import PlanError
from edgent.planning.paper.configuration_map import ConfigurationMap, build_configuration_map
from edgent.planning.paper.state_lookup import StateLookup
from edgent.planning.policies.chance import ChanceConstrained
from edgent.planning.policies.expected import ExpectedReward
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.known_link import KnownLink
from edgent.planning.policies.plan_once import PlanOnce
from edgent.planning.policies.policy import Policy
from edgent.replay.conditions import Conditions

NewForecast = Callable[[], Forecast]

FORECASTS: Mapping[str, Callable[[ChangePointPrior], NewForecast]] = {
    "moving-average": lambda _: MovingAverageForecast,
    "change-point": lambda prior: partial(ChangePointForecast, prior),
    "last-value": lambda _: LastValueForecast,
}
"""By name: what makes forecasts, given the prior of the configuration map."""


@dataclass(frozen=True, eq=False)
class Contender:
    """An optimizer, and what it goes by.

    Attributes:
        name: for tables and figures.
        optimizer: decides.
        new_forecast: makes the forecast that it decides on; one for every trace.
        foresees: whether the link it is told is the one that the next inference meets (the oracle).
        hedged: whether a local exit stands by.
    """

    name: str
    optimizer: Policy
    new_forecast: NewForecast
    foresees: bool = False
    hedged: bool = False


POLICIES: Mapping[str, str] = {
    "static": "Algorithm 1 on the first sample, for good",
    "last-value": "the highest reward at the last sample",
    "paper": "Algorithm 3: the map's plan for the state, which is held until it changes",
    "expected": "the highest expected reward under the forecast",
    "chance": "the highest accuracy that is late at most 2 % of times",
    "hedged": "the highest expected accuracy, with a local exit standing by",
    "oracle": "the highest reward at the next sample, which it knows",
}
"""By name: what a policy does, in words."""


def make_policy(
    name: str,
    conditions: Conditions,
    configuration_map: ConfigurationMap | None = None,
    forecast: str = "moving-average",
) -> Contender:
    """A policy by its name.

    Args:
        name: a key of `POLICIES`.
        conditions: under which it decides.
        configuration_map: whose states and prior the paper's policy follows; Algorithm 2 is run again for
            the conditions.
        forecast: a key of `FORECASTS`, for ``expected``, ``chance`` and ``hedged``.

    Raises:
        PlanError: no such policy or forecast, or one that needs a map and is given none.
    """
    if name not in POLICIES:
        raise PlanError(f"no policy {name!r}; there are {', '.join(POLICIES)}")
    if forecast not in FORECASTS:
        raise PlanError(f"no forecast {forecast!r}; there are {', '.join(FORECASTS)}")
    prior = ChangePointPrior() if configuration_map is None else configuration_map.prior
    if name in {"expected", "chance", "hedged"}:
        new_forecast = FORECASTS[forecast](prior)
    else:
        new_forecast = partial(ChangePointForecast, prior) if name == "paper" else LastValueForecast
    return Contender(
        name,
        _optimizer(name, conditions, configuration_map),
        new_forecast,
        foresees=name == "oracle",
        hedged=name == "hedged",
    )


def _optimizer(name: str, conditions: Conditions, configuration_map: ConfigurationMap | None) -> Policy:
    weight = conditions.throughput_weight
    makers: dict[str, Callable[[], Policy]] = {
        "static": PlanOnce,
        "last-value": partial(KnownLink, weight),
        "paper": partial(_state_lookup, conditions, configuration_map),
        "expected": partial(ExpectedReward, throughput_weight=weight),
        "chance": ChanceConstrained,
        "hedged": partial(Hedged, conditions.local_exits),
        "oracle": partial(KnownLink, weight),
    }
    return makers[name]()


def _state_lookup(conditions: Conditions, configuration_map: ConfigurationMap | None) -> StateLookup:
    if configuration_map is None:
        raise PlanError(
            "the paper's policy follows a configuration map: make one with "
            "`edgent map SPEC --traces FOLDER`, or leave it out of --policies"
        )
    return StateLookup(
        build_configuration_map(
            conditions.candidates,
            configuration_map.states,
            [conditions.latency_requirement_s],
            configuration_map.prior,
            configuration_map.made_by,
            round_trip_s=conditions.round_trip_s,
            throughput_weight=conditions.throughput_weight,
        )
    )
