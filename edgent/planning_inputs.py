"""What a device plans from: the costs of plans, and on a link that moves a policy and its forecasts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from edgent.bandwidth.change_point import ChangePointPrior
from edgent.bandwidth.forecasts import FORECASTS, WITHOUT_PRIOR
from edgent.latency.loading import load_costs, load_map
from edgent.planning.policies.least_cost import LeastCost
from edgent.planning.policies.registry import POLICIES, Setting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edgent.bandwidth.forecast import Forecast
    from edgent.network import Network
    from edgent.planning.costs import NetworkCosts
    from edgent.planning.policies.policy import Policy


@dataclass(frozen=True)
class PlanningInputs:
    """What is read before plans are chosen.

    Attributes:
        costs: what every stage of every plan costs, with each edge.
        policy: decides on a link that moves; None on a steady one.
        forecast: makes a forecast of one direction of such a link; None in the same case.
    """

    costs: tuple[NetworkCosts, ...]
    policy: Policy | None
    forecast: Callable[[], Forecast] | None


def load_planning_inputs(
    network: Network, networks: Sequence[Network], policy: Policy | None = None
) -> PlanningInputs:
    """Read all that a device plans from, and see that it is of this network.

    Args:
        network: the pipeline's.
        networks: the same once for each edge.
        policy: decides in place of what the spec names.

    Raises:
        PlanError: there is nothing to plan from, or something was not measured.
        StaleFileError: a file is missing, broken, or made for another network or other requirements.
    """
    bandwidth = network.spec.bandwidth
    dynamic = policy is not None or bandwidth.environment == "dynamic"
    by_map = dynamic and bandwidth.policy is not None and POLICIES[bandwidth.policy].needs_map
    windows = False if by_map else None  # the paper's space has no inner windows
    costs = tuple(load_costs(of_edge, windows=windows) for of_edge in networks)
    return PlanningInputs(costs, *(chosen_policy(network, policy) if dynamic else (None, None)))


def chosen_policy(network: Network, policy: Policy | None = None) -> tuple[Policy, Callable[[], Forecast]]:
    """The policy of a dynamic environment, and what makes the forecasts that it decides on.

    The spec's map is read where one of them goes by it: a map of other requirements stops no device that does
    without.

    Args:
        network: its spec names both.
        policy: decides in place of what the spec names.

    Raises:
        PlanError: the policy needs a map that the spec does not name.
        StaleFileError: it is needed, and is missing, broken, or made for another network or requirements.
    """
    spec = network.spec
    if policy is None and not spec.plans_for.is_usual:
        policy = LeastCost(spec.plans_for)
    name = spec.bandwidth.policy or ("hedged" if spec.device.hedge else "expected")
    entry = POLICIES[name]
    forecast = (None if policy else entry.forecast) or spec.bandwidth.forecast
    needed_by = name if policy is None and entry.needs_map else None
    is_followed = forecast not in WITHOUT_PRIOR or needed_by is not None
    configuration_map = load_map(network, needed_by) if is_followed else None
    if policy is None:
        weight = 1.0 if spec.bandwidth.reward == "paper" else 0.0
        policy = entry.policy(Setting(weight, configuration_map))
    prior = configuration_map.prior if configuration_map else ChangePointPrior()
    return policy, partial(FORECASTS[forecast], prior)
