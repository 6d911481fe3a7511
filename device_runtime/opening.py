"""From a spec to the parts of a running device: read, connect, measure the link, decide who chooses plans."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from device_runtime.addresses import AddressBook
from device_runtime.calibration import Calibration
from device_runtime.choosers import PolicyChooser, SteadyChooser
from device_runtime.deadline import Deadline
from device_runtime.early_exits import EarlyExits
from device_runtime.edge_client import EdgeClient
from device_runtime.edge_exits import EdgeExits
from device_runtime.edge_session import EdgeSession
from device_runtime.head_checks import HeadChecks
from device_runtime.head_roster import HeadRoster
from device_runtime.interface import quicker
from device_runtime.link import LinkMeter, MeasuredLink, measure_link
from device_runtime.link_tracking import MovingLink, SteadyLink
from device_runtime.local_exits import LocalExits
from device_runtime.plan_check import check_plan
from device_runtime.planner import Planner
from device_runtime.probing import ProbeSchedule
from device_runtime.second_thoughts import SecondThoughts
from device_runtime.sessions import Sessions
from device_runtime.share_watch import ShareWatch
from edgent.bandwidth.change_point import ChangePointPrior
from edgent.bandwidth.forecasts import FORECASTS, WITHOUT_PRIOR
from edgent.errors import EdgeError, PlanError
from edgent.latency.loading import USUAL_ANSWER_BYTES, USUAL_REQUEST_BYTES, load_costs, load_map, spec_space
from edgent.network import Network
from edgent.planning.cost_table import build_cost_table
from edgent.planning.link import Link
from edgent.planning.plan import RAW, Plan
from edgent.planning.policies.least_cost import LeastCost
from edgent.planning.policies.registry import POLICIES, Setting
from edgent.planning.ruled_out import ruled_out
from edgent.planning.stages import Step, run_on_device
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edgent.bandwidth.forecast import Forecast
    from edgent.core.exit_rules.rule import ExitRule
    from edgent.planning.costs import MeanPhoto, NetworkCosts
    from edgent.planning.policies.policy import Policy
    from edgent.spec import Pipeline

_LOG = logging.getLogger(__name__)
_MEASURING_S = 10.0
_CLOCK = time.perf_counter


@dataclass(frozen=True)
class Parts:
    """What a runtime is put together from.

    Attributes:
        network: the declared network.
        addresses: where their windows are asked for.
        edge: where they run.
        sessions: the layers that the device runs.
        local_exits: the whole paths among them.
        planner: chooses plans; None when the plan is fixed.
        plan: the fixed plan; None when there is a planner.
        ruled_out: what the spec's placement leaves out of the plans; None where it leaves out nothing.
        second_thoughts: decides again where a frame is large; None where the plan is fixed.
        early_exits: lets inputs leave at exits on the way; None without an exit rule.
        photo: the mean photo of the profile, and what making an input of it takes; None where it is silent.
    """

    network: Network
    addresses: AddressBook
    edge: EdgeSession
    sessions: Sessions
    local_exits: LocalExits
    planner: Planner | None
    plan: Plan | None
    ruled_out: str | None = None
    second_thoughts: SecondThoughts | None = None
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
    cache: str | Path | None = None,
) -> Parts:
    """Read a spec and what it names, and measure the link unless the plan is fixed.

    Of an edge's two interfaces the one that is quicker on the link is kept; HTTP's under a fixed plan.

    Raises:
        SpecError: the spec is wrong.
        ModelError: the ONNX file is not what the spec declares.
        PlanError: the plan does not fit the network, or there is nothing to plan from.
        StaleFileError: a profile or map of another model.
    """
    plan = plan if plan is None or isinstance(plan, Plan) else Plan.parse(plan)
    token_file = None if token_file is None else Path(token_file)
    if policy is not None and not callable(getattr(policy, "decide", None)):
        raise PlanError(
            f"policy {policy!r} has no method decide; to choose by name, write bandwidth.policy into the spec"
        )
    network = Network.open(read_spec(spec_file), None if cache is None else Path(cache))
    urls = [inference_url or network.spec.edge.inference_url]
    grpc_url = grpc_url or (None if inference_url else network.spec.edge.grpc_url)
    connect = partial(_client, network, token_file)
    clients = [connect(url) for url in (*urls, grpc_url) if url]
    if plan is not None:
        check_plan(network, plan)
        return _fixed(network, clients[0], connect, plan)
    return _planned(network, clients, connect, policy)


def _client(network: Network, token_file: Path | None, url: str) -> EdgeClient:
    edge = network.spec.edge
    return EdgeClient(
        url,
        token_file=token_file or (network.spec.resolve(edge.token_file) if edge.token_file else None),
        ca_file=network.spec.resolve(edge.ca_file) if edge.ca_file else None,
    )


def _fixed(network: Network, client: EdgeClient, connect: Callable[[str], EdgeClient], plan: Plan) -> Parts:
    """Parts of a runtime that does the same with every input."""
    sessions = Sessions(network, _CLOCK)
    local_exits = LocalExits(network, sessions, _CLOCK)
    rule = _read_rule(network, _known_costs(network) if plan.leaves_early else None)
    early_exits = _early_exits(network, sessions, rule)
    for stage in network.stages(plan):
        if stage.step in {Step.RUN_BEFORE, Step.RUN_DEVICE}:
            for one in (stage, *(early_exits.stages(stage) if early_exits and plan.leaves_early else ())):
                sessions.load(one)
    checks = HeadChecks(connect(client.url), _CLOCK)
    edge = EdgeSession(client, HeadRoster((), _CLOCK), checks, _CLOCK, shares=rule.shares)
    addresses = AddressBook(network, rule.on_edge)
    return Parts(network, addresses, edge, sessions, local_exits, None, plan, early_exits=early_exits)


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
        rule.rule, network.graph, sessions, _CLOCK, rule.on_edge, rule.shares, rule.behind
    )
    for path in network.graph.paths:
        for stage in early_exits.stages(run_on_device(path.exit_name, 0, len(path.layers))):
            sessions.load(stage)
    return early_exits


def _planned(
    network: Network,
    clients: Sequence[EdgeClient],
    connect: Callable[[str], EdgeClient],
    policy: Policy | None,
) -> Parts:
    """Parts of a runtime that plans, with a policy where one is given or the spec says dynamic."""
    spec = network.spec
    dynamic = policy is not None or spec.bandwidth.environment == "dynamic"
    by_map = dynamic and spec.bandwidth.policy is not None and POLICIES[spec.bandwidth.policy].needs_map
    costs = load_costs(network, windows=False if by_map else None)  # the paper's space has no inner windows
    rules, space = spec.placement.rules, spec_space(spec, costs)
    forecasts = None
    if dynamic:
        policy, forecasts = _policy(network, policy)
    client, measured, start_error = (
        (clients[0], _unmeasured(spec), None) if rules.device_only else _measure(clients, spec)
    )
    table = build_cost_table(costs, measured.request_overhead_bytes, measured.answer_overhead_bytes, space)
    rule = _read_rule(network, costs)
    calibration, addresses = Calibration(table), AddressBook(network, rule.on_edge)
    meter = LinkMeter(measured.link)
    tracker = SteadyLink(meter) if forecasts is None else MovingLink(meter, *forecasts)
    edge = EdgeSession(
        client,
        HeadRoster([addresses.of(plan) for plan in table.plans], _CLOCK),
        HeadChecks(connect(client.url), _CLOCK),
        _CLOCK,
        tracker=tracker,
        probes=None if rules.device_only else ProbeSchedule(spec.bandwidth.probe_bytes_per_s, _CLOCK),
        start_error=start_error,
        shares=rule.shares,
    )
    sessions = Sessions(network, _CLOCK)
    local_exits = LocalExits(network, sessions, _CLOCK)
    calibration.begin(local_exits.runs_at_once_s())
    chooser = _chooser(spec, calibration, tracker, policy, local_exits)
    early_exits = _early_exits(network, sessions, rule)
    if early_exits is not None:
        calibration.begin(early_exits.runs_at_once_s(), leaves_early=True)
    planner = Planner(addresses, calibration, chooser, edge, sessions, early_exits)
    left_out = None if rules.is_free else str(ruled_out(costs, rules))
    again = SecondThoughts(
        calibration, tracker, edge, addresses, spec.plans_for, measured.request_overhead_bytes
    )
    parts = Parts(
        network, addresses, edge, sessions, local_exits, planner, None, left_out, again, early_exits
    )
    return replace(parts, photo=costs.photo)


def _chooser(
    spec: Pipeline,
    calibration: Calibration,
    tracker: SteadyLink | MovingLink,
    policy: Policy | None,
    local_exits: LocalExits,
) -> PolicyChooser | SteadyChooser:
    """What chooses plans: a policy on a link that moves, the spec's objective on a steady one."""
    if isinstance(tracker, MovingLink) and policy is not None:
        is_eager = spec.device.hedge == "eager"
        return PolicyChooser(calibration, tracker, policy, local_exits.times, is_eager=is_eager)
    return SteadyChooser(calibration, tracker.meter, spec.plans_for)


def _measure(clients: Sequence[EdgeClient], spec: Pipeline) -> tuple[EdgeClient, MeasuredLink, str | None]:
    """The quicker client, its link, and why the edge did not answer.

    Where it did not, the link is taken to be in the middle of the spec's range.
    """
    deadline = Deadline.after(_MEASURING_S, _CLOCK)
    try:
        client = quicker(clients, deadline) if len(clients) > 1 else clients[0]
        measured = measure_link(lambda up, down: client.probe(up, down, deadline))
    except EdgeError as error:
        reason = (
            f"the edge at {clients[0].url} does not answer ({error}); until it does, "
            "the device answers alone; "
            f"`edgent doctor {spec.file} --url {clients[0].url}` looks for the cause"
        )
        return clients[0], _unmeasured(spec), reason
    _LOG.info("%s: %s", client.url, measured.link)
    return client, measured, None


def _unmeasured(spec: Pipeline) -> MeasuredLink:
    """A link in the middle of the spec's range."""
    low_kbps, high_kbps = spec.range.bandwidth_kbps
    middle_bps = (low_kbps * high_kbps) ** 0.5 * 1e3
    link = Link(spec.range.round_trip_ms / 1e3, middle_bps, middle_bps)
    return MeasuredLink(link, USUAL_REQUEST_BYTES, USUAL_ANSWER_BYTES)


def _policy(network: Network, policy: Policy | None) -> tuple[Policy, tuple[Forecast, Forecast]]:
    """The policy of a dynamic environment, and the forecasts of upload and download that it decides on.

    The spec's map is read where one of them goes by it: a map of other requirements stops no device that does
    without.

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
        policy = entry.make(Setting(weight, configuration_map))
    prior = configuration_map.prior if configuration_map else ChangePointPrior()
    return policy, (FORECASTS[forecast](prior), FORECASTS[forecast](prior))
