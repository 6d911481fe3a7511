"""Device runtimes as studies want them: a given plan, or a policy on a link that was measured first.

This is the only file of the benchmarks that knows what a runtime is made of.
"""

from __future__ import annotations

import time
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Literal

from device_runtime.calibration import Calibration
from device_runtime.choosers import FixedPlan, MovingLink, SteadyLink
from device_runtime.deadline import Deadline
from device_runtime.interface import quicker
from device_runtime.link import LinkMeter, MeasuredLink, measure_link
from device_runtime.opening import Opening
from device_runtime.runtime import DeviceRuntime
from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.change_point import ChangePointForecast, ChangePointPrior
from edgent.bandwidth.last_value import LastValueForecast
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.generated_file import Provenance
from edgent.latency.loading import load_costs
from edgent.planning.fallback import Fallback, latest_safe_start
from edgent.planning.paper.configuration_map import build_configuration_map
from edgent.planning.paper.exit_search import paper_space
from edgent.planning.paper.state_lookup import StateLookup
from edgent.planning.policies.expected import ExpectedReward
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.plan_once import PlanOnce

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from device_runtime.choosers import Chooser
    from device_runtime.edge_client import EdgeClient
    from edgent.bandwidth.forecast import Forecast
    from edgent.latency.costs import NetworkCosts
    from edgent.network import Network
    from edgent.planning.cost_table import CostTable
    from edgent.planning.fallback import LocalExit
    from edgent.planning.plan import Plan
    from edgent.planning.policies.policy import Policy

PolicyName = Literal["algorithm 1", "static", "paper", "expected", "hedged"]
"""`algorithm 1` is for a steady link, the others are for links that move."""

_MEASURING_S = 60.0


def given_plan(network: Network, client: EdgeClient, plan: Plan, *, hedge: bool) -> DeviceRuntime:
    """A runtime that does one plan, or whichever plan comes with a request."""
    return DeviceRuntime(
        Opening(
            _with_hedge(network, hedge=hedge),
            client,
            calibration=None,
            meter=None,
            edge_answers=True,
            choose=lambda _: FixedPlan(plan),
        )
    )


def planning(
    network: Network,
    clients: Sequence[EdgeClient],
    policy: PolicyName,
    *,
    hedge: bool,
    costs: NetworkCosts | None = None,
    latency_requirement_s: float | None = None,
    states_bps: Sequence[float] = (),
) -> tuple[DeviceRuntime, EdgeClient, MeasuredLink]:
    """A runtime that measures the link and then plans by itself, the way the profiles say or the given costs.

    Of several clients, one for each interface of the edge, the quicker client is kept. The paper's map is
    made for a requirement and some bandwidth states.

    Returns:
        The runtime, the client that it keeps, and what it measured.

    Raises:
        EdgeError: The edge did not answer the probes.
    """
    deadline = Deadline.after(_MEASURING_S, time.perf_counter)
    client = quicker(list(clients), deadline) if len(clients) > 1 else clients[0]
    measured = measure_link(lambda up_bytes, down_bytes: client.probe(up_bytes, down_bytes, deadline))
    table = (costs or load_costs(network)).candidates(
        measured.request_overhead_bytes, measured.answer_overhead_bytes
    )
    calibration, meter = Calibration(table), LinkMeter(measured.link)

    def choose(local_exits: Callable[[], tuple[LocalExit, ...]]) -> Chooser:
        if policy == "algorithm 1":
            return SteadyLink(calibration, meter)
        if policy == "paper":
            assert latency_requirement_s is not None, "the paper's map is made for a requirement"
            decides, forecast = _paper(network, table, measured, latency_requirement_s, states_bps)
        else:
            decides, forecast = _moving(policy, local_exits())
        return MovingLink(calibration, meter, lambda: decides, forecast)

    opening = Opening(
        _with_hedge(network, hedge=hedge), client, calibration, meter, edge_answers=True, choose=choose
    )
    return DeviceRuntime(opening), client, measured


def _moving(policy: PolicyName, local_exits: tuple[LocalExit, ...]) -> tuple[Policy, Forecast]:
    """Who decides on a link that moves, and on what forecast."""
    if policy == "static":
        return PlanOnce(), LastValueForecast()
    return Hedged(local_exits) if policy == "hedged" else ExpectedReward(), MovingAverageForecast()


def _paper(
    network: Network,
    table: CostTable,
    measured: MeasuredLink,
    latency_requirement_s: float,
    states_bps: Sequence[float],
) -> tuple[Policy, Forecast]:
    """The paper's Algorithms 2 and 3, in its own space of plans."""
    prior, count = ChangePointPrior(), len(states_bps)
    states = [  # of a state the paper's map needs no more than its level
        BandwidthState(bps, 0.1, 1 / count, (bps,) * len(QUANTILE_LEVELS), (1 / count,) * count)
        for bps in sorted(states_bps)
    ]
    configuration_map = build_configuration_map(
        table,
        states,
        [latency_requirement_s],
        prior,
        Provenance.here_and_now(network.graph.sha256, "benchmarks.testbed"),
        round_trip_s=measured.link.round_trip_s,
        allowed=paper_space(table),
    )
    return StateLookup(configuration_map), ChangePointForecast(prior)


def settle(runtime: DeviceRuntime) -> None:
    """Wait until nothing that a runtime began is under way any more."""
    edge = runtime._edge  # noqa: SLF001  what is under way concerns nobody but a benchmark
    while edge.is_busy and edge._under_way and not edge._under_way.future.done():  # noqa: SLF001  the same
        time.sleep(1e-3)


def answer_alone(runtime: DeviceRuntime, image: np.ndarray, latency_requirement_s: float) -> float:
    """Begin a local exit at the latest safe start, without any edge; returns the seconds until its end."""
    local_exits = runtime.local_exits
    began_s = time.perf_counter()
    planned = latest_safe_start(local_exits.times(), latency_requirement_s)
    assert isinstance(planned, Fallback), "a local exit fits the requirement"
    Event().wait(planned.latest_start_s)
    local_exits.run(planned.exit, image[None])[0].argmax()
    took_s = time.perf_counter() - began_s
    local_exits.observe(planned.exit, took_s - planned.latest_start_s, waited=True)
    return took_s


def _with_hedge(network: Network, *, hedge: bool) -> Network:
    """The network with a device that runs local exits when the edge is late, or does not."""
    device = network.spec.device.model_copy(update={"hedge": hedge})
    return replace(network, spec=network.spec.model_copy(update={"device": device}))
