"""From a spec to a running device: read, connect, measure the link, decide who chooses the plans."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from device_runtime.calibration import Calibration
from device_runtime.choosers import FixedPlan, MovingLink, SteadyLink
from device_runtime.deadline import Deadline
from device_runtime.edge_client import EdgeClient
from device_runtime.interface import quicker
from device_runtime.link import LinkMeter, MeasuredLink, measure_link
from edgent.bandwidth.change_point import ChangePointForecast, ChangePointPrior
from edgent.bandwidth.last_value import LastValueForecast
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.errors import EdgeError, PlanError
from edgent.latency.loading import load_costs
from edgent.network import Network
from edgent.planning.link import Link
from edgent.planning.paper.configuration_map_file import read_map
from edgent.planning.paper.state_lookup import StateLookup
from edgent.planning.policies.chance import ChanceConstrained
from edgent.planning.policies.expected import ExpectedReward
from edgent.planning.policies.hedged import Hedged
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from device_runtime.choosers import Chooser
    from edgent.bandwidth.forecast import Forecast
    from edgent.planning.fallback import LocalExit
    from edgent.planning.plan import Plan
    from edgent.planning.policies.policy import Policy
    from edgent.spec import Pipeline

_MEASURING_S = 10.0
# What HTTP and TCP add when the edge cannot be asked: a token and a head's name are in the request.
_USUAL_REQUEST_BYTES, _USUAL_ANSWER_BYTES = 240.0, 340.0


@dataclass(frozen=True)
class Opening:
    """What a runtime starts with.

    Attributes:
        network: the declared network.
        client: talks to the edge.
        calibration: what plans are chosen from; None when the plan is fixed.
        meter: follows the link; None when the plan is fixed.
        edge_answers: whether the edge answered the first probes.
        choose: makes the chooser, given the local exits with their times.
        edge_error: why the edge did not answer, and what to do; None when it did, or was not asked.
    """

    network: Network
    client: EdgeClient
    calibration: Calibration | None
    meter: LinkMeter | None
    edge_answers: bool
    choose: Callable[[Callable[[], tuple[LocalExit, ...]]], Chooser]
    edge_error: str | None = None


def prepare(
    spec_file: str | Path,
    *,
    plan: Plan | None = None,
    inference_url: str | None = None,
    grpc_url: str | None = None,
    token_file: Path | None = None,
    cache: Path | None = None,
) -> Opening:
    """Read a spec and what it names, and measure the link unless the plan is fixed.

    Of an edge's two interfaces the one that is quicker on the link is kept; HTTP's under a fixed plan.

    Raises:
        SpecError: the spec is wrong.
        ModelError: the ONNX file is not what the spec declares.
        PlanError: the plan does not fit the network, or there is nothing to plan from.
        StaleFileError: a profile or map of another model.
    """
    network = Network.open(read_spec(spec_file), cache)
    edge = network.spec.edge
    urls = [inference_url or edge.inference_url, grpc_url or (None if inference_url else edge.grpc_url)]
    clients = [
        EdgeClient(
            url,
            network.graph.sha256,
            token_file=token_file or (network.spec.resolve(edge.token_file) if edge.token_file else None),
            ca_file=network.spec.resolve(edge.ca_file) if edge.ca_file else None,
        )
        for url in urls
        if url
    ]
    if plan is not None:
        check_plan(network, plan)
        fixed = FixedPlan(plan)
        return Opening(network, clients[0], None, None, edge_answers=True, choose=lambda _: fixed)
    costs = load_costs(network)
    client, measured, edge_error = _measure(clients, urls[0], network.spec)
    calibration = Calibration(
        costs.candidates(measured.request_overhead_bytes, measured.answer_overhead_bytes)
    )
    meter = LinkMeter(measured.link)
    optimizer, forecast = _policy(network)

    def choose(local_exits: Callable[[], tuple[LocalExit, ...]]) -> Chooser:
        if network.spec.bandwidth.environment == "static":
            return SteadyLink(calibration, meter)
        return MovingLink(calibration, meter, lambda: optimizer(local_exits()), forecast)

    return Opening(network, client, calibration, meter, edge_error is None, choose, edge_error)


def _measure(
    clients: Sequence[EdgeClient], url: str | None, spec: Pipeline
) -> tuple[EdgeClient, MeasuredLink, str | None]:
    """The quicker client and its link; or the middle of the spec's range, and why no edge answers."""
    deadline = Deadline.after(_MEASURING_S, time.perf_counter)
    try:
        client = quicker(clients, deadline) if len(clients) > 1 else clients[0]
        return client, measure_link(lambda up, down: client.probe(up, down, deadline)), None
    except EdgeError as error:
        low_kbps, high_kbps = spec.range.bandwidth_kbps
        middle_bps = (low_kbps * high_kbps) ** 0.5 * 1e3
        link = Link(spec.range.round_trip_ms / 1e3, middle_bps, middle_bps)
        reason = f"{url} does not answer: {error}; run `edgent doctor {spec.file}`"
        return clients[0], MeasuredLink(link, _USUAL_REQUEST_BYTES, _USUAL_ANSWER_BYTES), reason


def _policy(network: Network) -> tuple[Callable[[tuple[LocalExit, ...]], Policy], Forecast]:
    """The policy of a dynamic environment, and the forecast that it decides on."""
    spec = network.spec
    section = spec.bandwidth
    name = section.policy or ("hedged" if spec.device.hedge else "expected")
    configuration_map = None
    if section.map is not None:
        file = spec.resolve(section.map)
        configuration_map = read_map(file, network.graph.sha256, spec.mapped_requirements_s)
    prior = configuration_map.prior if configuration_map else ChangePointPrior()
    if name == "paper":
        if configuration_map is None:
            raise PlanError(
                f"{spec.file}: policy paper follows a map: run `edgent map {spec.file} --traces FOLDER`"
            )
        lookup = StateLookup(configuration_map)
        return lambda _: lookup, ChangePointForecast(prior)
    forecasts: dict[str, Callable[[], Forecast]] = {
        "moving-average": MovingAverageForecast,
        "change-point": lambda: ChangePointForecast(prior),
        "last-value": LastValueForecast,
    }
    forecast = forecasts[section.forecast]()
    if name == "hedged":
        return Hedged, forecast
    expected = ExpectedReward(throughput_weight=1.0 if section.reward == "paper" else 0.0)
    optimizer = ChanceConstrained() if name == "chance" else expected
    return lambda _: optimizer, forecast


def check_plan(network: Network, plan: Plan) -> None:
    """Whether the network can do what a plan says.

    Raises:
        PlanError: it cannot; the message says what there is.
    """
    network.graph.path_of(plan.exit).cut(plan.partition_point)
    if plan.partition_point == 0:
        return
    codecs = network.spec.codecs
    for kind, codec, known in (
        ("input", plan.input_codec, {*codecs.input, "raw", "float32"}),
        ("activation", plan.activation_codec, {*codecs.activation, "float32"}),
    ):
        if codec not in known:
            raise PlanError(
                f"{plan}: no {kind} codec {codec!r} in this pipeline; there is {', '.join(sorted(known))}"
            )
