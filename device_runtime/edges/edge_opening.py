"""From one edge of a spec to what a runtime needs of it: connect, measure its link, plan for it."""

from __future__ import annotations

import logging
import os
import shlex
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from device_runtime.choosing.choosers import PolicyChooser, SteadyChooser
from device_runtime.choosing.planner import Planner
from device_runtime.choosing.second_thoughts import SecondThoughts
from device_runtime.deadline import Deadline
from device_runtime.edges.edge_session import EdgeSession
from device_runtime.edges.edges import Edge
from device_runtime.edges.head_checks import HeadChecks
from device_runtime.edges.head_roster import HeadRoster
from device_runtime.exchange.edge_client import EdgeClient
from device_runtime.exchange.interface import quicker
from device_runtime.learning.calibration import Calibration
from device_runtime.link.link import LinkMeter, MeasuredLink, measure_link
from device_runtime.link.link_tracking import MovingLink, SteadyLink
from device_runtime.link.probing import ProbeSchedule
from device_runtime.watching.spans import TRACEPARENT_BYTES
from edgent.bearer_token import VARIABLE
from edgent.errors import EdgeError
from edgent.latency.loading import USUAL_ANSWER_BYTES, USUAL_REQUEST_BYTES, spec_space
from edgent.planning.link import Link
from edgent.planning.table_building import build_cost_table
from edgent.server_url import ServerUrl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from device_runtime.early_exits.early_exits import EarlyExits
    from device_runtime.early_exits.share_watch import ShareWatch
    from device_runtime.edges.addresses import AddressBook
    from device_runtime.edges.retry_budget import RetryBudget
    from device_runtime.local_exits.local_exits import LocalExits
    from device_runtime.local_exits.sessions import Sessions
    from edgent.bandwidth.forecast import Forecast
    from edgent.network import Network
    from edgent.planning.costs import NetworkCosts
    from edgent.planning.policies.policy import Policy
    from edgent.spec import Pipeline

_LOG = logging.getLogger(__name__)
_MEASURING_S = 10.0  # for all edges together
CLOCK = time.perf_counter
"""What a runtime on a real device tells time by."""


@dataclass(frozen=True)
class Around:
    """What all edges of a runtime share.

    Attributes:
        addresses: where windows are asked for.
        shares: told of exits that edges asked; None without an exit rule.
        retries: how often anything is asked once more.
        token_file: in place of those that the spec names.
        ca_file: in place of those that the spec names.
        number: how many edges there are: they divide what probes may cost, and the time for measuring.
    """

    addresses: AddressBook
    shares: ShareWatch | None
    retries: RetryBudget
    token_file: Path | None
    ca_file: Path | None
    number: int


@dataclass(frozen=True)
class Here:
    """What the device has for all edges.

    Attributes:
        sessions: the layers that it runs.
        local_exits: the whole paths among them.
        early_exits: lets inputs leave at exits on the way; None without an exit rule.
        policy: decides on a link that moves; None on a steady one.
        forecast: makes a forecast of one direction of such a link; None in the same case.
    """

    sessions: Sessions
    local_exits: LocalExits
    early_exits: EarlyExits | None
    policy: Policy | None
    forecast: Callable[[], Forecast] | None


def fixed_edge(network: Network, around: Around) -> Edge:
    """The edge of a spec that names one, for a runtime that does the same with every input."""
    client, name = _client(network, around, network.spec.edge.inference_url), network.spec.edge.known_as
    checks, roster = HeadChecks(client.another(), CLOCK), HeadRoster((), CLOCK)
    return Edge(
        EdgeSession(client, roster, checks, CLOCK, name=name, shares=around.shares, clocks=client.clocks),
        client=client,
    )


def planned_edge(network: Network, costs: NetworkCosts, around: Around, here: Here) -> Edge:
    """The edge of a spec that names one, with what plans for it; its link is measured now.

    Of its two interfaces the one that is quicker on the link is kept.

    Args:
        network: its spec names this edge alone.
        costs: what every stage of every plan costs with it.
        around: what all edges share.
        here: what the device has for them.
    """
    spec, rules = network.spec, network.spec.placement.rules
    clients = [_client(network, around, url) for url in (spec.edge.inference_url, spec.edge.grpc_url) if url]
    client, measured, start_error = (
        (clients[0], _unmeasured(spec), None)
        if rules.device_only
        else _measure(clients, spec, _MEASURING_S / around.number)
    )
    space = spec_space(spec, costs)
    overhead_bytes = measured.request_overhead_bytes + TRACEPARENT_BYTES * spec.device.trace
    table = build_cost_table(costs, overhead_bytes, measured.answer_overhead_bytes, space)
    calibration, meter = Calibration(table), LinkMeter(measured.link)
    client.way_back.meter = meter
    forecast = here.forecast
    tracker = SteadyLink(meter) if forecast is None else MovingLink(meter, forecast(), forecast())
    probes = ProbeSchedule(spec.bandwidth.probe_bytes_per_s / around.number, CLOCK)
    session = EdgeSession(
        client,
        HeadRoster([around.addresses.of(plan) for plan in table.plans], CLOCK),
        HeadChecks(client.another(), CLOCK),
        CLOCK,
        name=spec.edge.known_as,
        tracker=tracker,
        probes=None if rules.device_only else probes,
        start_error=start_error,
        shares=around.shares,
        clocks=client.clocks,
    )
    calibration.begin(here.local_exits.runs_at_once_s())
    if here.early_exits is not None:
        calibration.begin(here.early_exits.runs_at_once_s(), leaves_early=True)
    chooser = _chooser(spec, calibration, tracker, here.policy, here.local_exits)
    planner = Planner(
        around.addresses, calibration, chooser, session, here.sessions, here.local_exits, here.early_exits
    )
    again = SecondThoughts(calibration, tracker, session, around.addresses, spec.plans_for, overhead_bytes)
    return Edge(session, planner, again, client)


def _client(network: Network, around: Around, url: str) -> EdgeClient:
    spec, edge = network.spec, network.spec.edge
    token_file = around.token_file or (spec.resolve(edge.token_file) if edge.token_file else None)
    if (token_file or VARIABLE in os.environ) and ServerUrl.parse(url, "http", "grpc").in_the_clear:
        _LOG.warning(
            "%s: token and inputs go there without TLS, where others can read them; write https:// or "
            "grpcs:// (`edgent tls` makes certificates), unless a network of your own protects them",
            url,
        )
    return EdgeClient(
        url,
        token_file=token_file,
        ca_file=around.ca_file or (spec.resolve(edge.ca_file) if edge.ca_file else None),
        retries=around.retries,
        traced=network.spec.device.trace,
    )


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


def _measure(
    clients: Sequence[EdgeClient], spec: Pipeline, patience_s: float
) -> tuple[EdgeClient, MeasuredLink, str | None]:
    """The quicker client, its link, and why the edge did not answer.

    Where it did not, the link is taken to be in the middle of the spec's range.
    """
    deadline = Deadline.after(patience_s, CLOCK)
    try:
        client = quicker(clients, deadline) if len(clients) > 1 else clients[0]
        measured = measure_link(lambda up, down: client.probe(up, down, deadline))
    except EdgeError as error:
        reason = (
            f"the edge at {clients[0].url} does not answer ({error}); until it does, "
            "the device answers alone; "
            f"`edgent doctor {shlex.quote(str(spec.file))} --url {clients[0].url}` looks for the cause"
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
