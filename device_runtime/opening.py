"""From a spec to the parts of a running device: read, open every edge, decide who chooses plans."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from device_runtime.early_exits.early_exits import EarlyExits
from device_runtime.early_exits.edge_exits import EdgeExits
from device_runtime.early_exits.share_watch import ShareWatch
from device_runtime.edges.addresses import AddressBook
from device_runtime.edges.edge_opening import CLOCK, Around, Here, fixed_edge, planned_edge
from device_runtime.edges.edges import Edges
from device_runtime.edges.retry_budget import RetryBudget
from device_runtime.local_exits.local_exits import LocalExits
from device_runtime.local_exits.sessions import Sessions
from edgent.accuracy.exit_order import exit_order_lines
from edgent.errors import PlanError
from edgent.extras import require
from edgent.latency.loading import load_costs
from edgent.network import Network
from edgent.plan_check import check_plan
from edgent.planning.plan import RAW, Plan
from edgent.planning.policies.policy import is_policy
from edgent.planning.ruled_out import ruled_out
from edgent.planning.stages import Step, run_on_device
from edgent.planning_inputs import load_planning_inputs
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edgent.core.exit_rules.rule import ExitRule
    from edgent.planning.costs import MeanPhoto, NetworkCosts
    from edgent.planning.policies.policy import Policy

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """What a runtime is put together from.

    Attributes:
        network: the declared network.
        addresses: where their windows are asked for.
        edges: where they run.
        sessions: the layers that the device runs.
        local_exits: the whole paths among them.
        plan: the fixed plan; None where edges are planned for.
        retries: how often anything is asked once more, all edges together.
        ruled_out: what the spec's placement leaves out of the plans; None where it leaves out nothing.
        early_exits: lets inputs leave at exits on the way; None without an exit rule.
        photo: the mean photo of the profile, and what making an input of it takes; None where it is silent.
    """

    network: Network
    addresses: AddressBook
    edges: Edges
    sessions: Sessions
    local_exits: LocalExits
    plan: Plan | None
    retries: RetryBudget
    ruled_out: str | None = None
    early_exits: EarlyExits | None = None
    photo: MeanPhoto | None = None


def open_parts(
    spec_file: str | Path,
    *,
    plan: Plan | str | None = None,
    policy: Policy | None = None,
    inference_url: str | None = None,
    grpc_url: str | None = None,
    token_file: str | Path | None = None,
    ca_file: str | Path | None = None,
    cache: str | Path | None = None,
) -> Parts:
    """Read a spec and what it names, and measure the link unless the plan is fixed.

    Of an edge's two interfaces the one that is quicker on the link is kept; HTTP's under a fixed plan.

    Raises:
        SpecError: the spec is wrong.
        ModelError: the ONNX file is not what the spec declares.
        PlanError: the plan does not fit the network, or there is nothing to plan from.
        StaleFileError: a profile or map of another model.
        MissingExtraError: the spec wants traces, and OpenTelemetry is not installed.
    """
    plan = plan if plan is None or isinstance(plan, Plan) else Plan.parse(plan)
    token_file = None if token_file is None else Path(token_file)
    ca_file = None if ca_file is None else Path(ca_file)
    if policy is not None and not is_policy(policy):
        raise PlanError(
            f"policy {policy!r} is no object with a method decide; to choose by name, write bandwidth.policy "
            "into the spec"
        )
    network = Network.open(read_spec(spec_file), None if cache is None else Path(cache))
    if network.spec.device.trace:
        require("opentelemetry")
    networks = _by_edge(network, inference_url, grpc_url)
    open_with = partial(
        Around, retries=RetryBudget(), token_file=token_file, ca_file=ca_file, number=len(networks)
    )
    if plan is not None:
        check_plan(network, plan)
        return _fixed(network, networks, open_with, plan)
    return _planned(network, networks, open_with, policy)


def _by_edge(network: Network, inference_url: str | None, grpc_url: str | None) -> tuple[Network, ...]:
    """The network once for each edge; with an address in place of the spec's, for the first one there."""
    if inference_url is None and grpc_url is None:
        return network.by_edge()
    first = network.spec.edge
    urls = {
        "inference_url": inference_url or first.inference_url,
        "grpc_url": grpc_url or (None if inference_url else first.grpc_url),
    }
    if inference_url is not None:
        urls["name"] = None
    return (replace(network, spec=network.spec.of_edge(first.model_copy(update=urls))),)


def _fixed(
    network: Network, networks: Sequence[Network], open_with: Callable[..., Around], plan: Plan
) -> Parts:
    """Parts of a runtime that does the same with every input."""
    sessions = Sessions(network, CLOCK)
    local_exits = LocalExits(network, sessions, CLOCK)
    rule = _read_rule(network, _known_costs(network) if plan.leaves_early else None)
    early_exits = _early_exits(network, sessions, rule)
    for stage in network.stages(plan):
        if stage.step in {Step.RUN_BEFORE, Step.RUN_DEVICE}:
            for one in (stage, *(early_exits.stages(stage) if early_exits and plan.leaves_early else ())):
                sessions.load(one)
    around = open_with(AddressBook(network, rule.on_edge), rule.shares)
    edges = Edges([fixed_edge(of_edge, around) for of_edge in networks])
    return Parts(
        network, around.addresses, edges, sessions, local_exits, plan, around.retries, early_exits=early_exits
    )


class _Rule(NamedTuple):
    """An exit rule, and what follows from it alone; all None without one."""

    rule: ExitRule | None = None
    behind: Mapping[str, ExitRule] = MappingProxyType({})
    on_edge: EdgeExits | None = None
    shares: ShareWatch | None = None


def _known_costs(network: Network) -> NetworkCosts | None:
    """What plans cost, where the spec names profiles: they say which exits are worth asking."""
    return None if network.spec.regressors is None else load_costs(network)


def _read_rule(network: Network, costs: NetworkCosts | None) -> _Rule:
    """The exit rule of a spec.

    Args:
        network: whose spec names the rule.
        costs: say which exits are asked; None: all that have a threshold.

    Raises:
        StaleFileError: it was not calibrated yet, or for something else.
    """
    found = network.exit_rule
    if found is None:
        return _Rule()
    if costs is not None and costs.asked:
        found = found.asking({checked.exit for checked in costs.asked[RAW]})
    behind = {codec: found.behind(codec).rule for codec in found.codecs}
    exits = dict.fromkeys(name for rule in (found.rule, *behind.values()) for name in rule.thresholds)
    together = {codec: found.behind(codec).together for codec in (RAW, *found.codecs)}
    shares = ShareWatch(tuple(exits), together, network.spec.file)
    return _Rule(found.rule, behind, EdgeExits(network, found.rule, behind), shares)


def _early_exits(network: Network, sessions: Sessions, rule: _Rule) -> EarlyExits | None:
    """What asks exits on the way, ready for device-only plans; None without an exit rule."""
    if rule.rule is None:
        return None
    early_exits = EarlyExits(
        rule.rule, network.graph, sessions, CLOCK, rule.on_edge, rule.shares, rule.behind
    )
    for path in network.graph.paths:
        sessions.load_all(early_exits.stages(run_on_device(path.exit_name, 0, len(path.layers))))
    return early_exits


def _planned(
    network: Network,
    networks: Sequence[Network],
    open_with: Callable[..., Around],
    policy: Policy | None,
) -> Parts:
    """Parts of a runtime that plans, with a policy where one is given or the spec says dynamic."""
    spec, inputs = network.spec, load_planning_inputs(network, networks, policy)
    costs, rules = inputs.costs, spec.placement.rules
    for line in exit_order_lines({exit_.exit: exit_.lossless_accuracy for exit_ in costs[0].exits}):
        _LOG.warning("%s: %s", spec.file, line)
    rule = _read_rule(network, costs[0])
    around = open_with(AddressBook(network, rule.on_edge), rule.shares)
    sessions = Sessions(network, CLOCK)
    local_exits = LocalExits(network, sessions, CLOCK)
    early_exits = _early_exits(network, sessions, rule)
    here = Here(sessions, local_exits, early_exits, inputs.policy, inputs.forecast)
    edges = [
        planned_edge(of_edge, replace(its_costs, asked=costs[0].asked), around, here)  # one rule for all
        for of_edge, its_costs in zip(networks, costs, strict=True)
    ]
    return Parts(
        network,
        around.addresses,
        Edges(edges),
        sessions,
        local_exits,
        None,
        around.retries,
        None if rules.is_free else str(ruled_out(costs[0], rules)),
        early_exits,
        costs[0].photo,
    )
