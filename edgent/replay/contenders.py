"""The policies that a replay sets side by side, each with the forecast that it decides on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from edgent.bandwidth.change_point import ChangePointPrior
from edgent.bandwidth.forecast import Forecast
from edgent.bandwidth.forecasts import FORECASTS
from edgent.planning.paper.configuration_map import ConfigurationMap, build_configuration_map
from edgent.planning.policies.policy import Policy
from edgent.planning.policies.registry import POLICIES, Setting
from edgent.replay.conditions import Conditions


@dataclass(frozen=True, eq=False)
class Contender:
    """A policy, and what it goes by.

    Attributes:
        name: for tables and figures.
        policy: decides.
        new_forecast: makes the forecast that it decides on; one for every trace.
        foresees: whether the link it is told is the one that the next inference meets (the oracle).
        hedged: whether a local exit stands by.
    """

    name: str
    policy: Policy
    new_forecast: Callable[[], Forecast]
    foresees: bool = False
    hedged: bool = False


def contender(
    name: str,
    conditions: Conditions,
    configuration_map: ConfigurationMap | None = None,
    forecast: str = "moving-average",
) -> Contender:
    """A policy by its name in `POLICIES`.

    Args:
        name: of the policy.
        conditions: under which it decides.
        configuration_map: whose states and prior the paper's policy follows; Algorithm 2 is run again for
            the conditions.
        forecast: a name in `FORECASTS`, for policies that leave the choice to the user.

    Raises:
        UnknownNameError: no such policy or forecast.
        PlanError: the policy needs a map and is given none.
        PluginError: what another package declares makes no policy.
    """
    entry = POLICIES[name]
    new_forecast = FORECASTS[entry.forecast or forecast]
    prior = ChangePointPrior() if configuration_map is None else configuration_map.prior
    mapped = None if configuration_map is None else _map_for(conditions, configuration_map)
    policy = entry.policy(Setting(conditions.throughput_weight, mapped))
    return Contender(name, policy, partial(new_forecast, prior), entry.foresees, entry.hedged)


def _map_for(conditions: Conditions, configuration_map: ConfigurationMap) -> ConfigurationMap:
    """The map of the same states, with the plans that suit the conditions."""
    return build_configuration_map(
        conditions.table,
        configuration_map.states,
        [conditions.latency_requirement_s],
        configuration_map.prior,
        configuration_map.made_by,
        round_trip_s=conditions.round_trip_s,
        throughput_weight=conditions.throughput_weight,
    )
