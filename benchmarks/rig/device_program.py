"""The device: runs requests that it is told to, with edgent's own runtime.

`python -m benchmarks.rig.device_program SPEC INPUTS URL GRPC_URL TOKEN_FILE`; each line of JSON on its
standard input is a command, see `Device`.
"""

import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rig.conversation import converse, say
from benchmarks.rig.dilation import Dilation
from benchmarks.rig.trial_spec import open_trial
from benchmarks.testbed.cpu_quota import SLICE_S
from device_runtime.calibration import Calibration
from device_runtime.choosers import Chooser, FixedPlan, MovingLink, SteadyLink
from device_runtime.deadline import Deadline
from device_runtime.edge_client import EdgeClient
from device_runtime.interface import quicker
from device_runtime.link import LinkMeter, MeasuredLink, measure_link
from device_runtime.opening import Opening
from device_runtime.runtime import DeviceRuntime
from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.change_point import ChangePointForecast, ChangePointPrior
from edgent.bandwidth.forecast import Forecast
from edgent.bandwidth.last_value import LastValueForecast
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.errors import EdgentError
from edgent.generated_file import Provenance
from edgent.latency.loading import load_costs
from edgent.network import Network
from edgent.planning.cost_table import CostTable
from edgent.planning.fallback import LocalExit
from edgent.planning.paper.configuration_map import build_configuration_map
from edgent.planning.paper.exit_search import paper_space
from edgent.planning.paper.state_lookup import StateLookup
from edgent.planning.plan import Plan
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.plan_once import PlanOnce
from edgent.planning.policies.policy import Policy

_MEASURING_S = 60.0
_WARM_UP_PROBES = 2000  # until Java has compiled what it runs


class Device:
    """What the device can be told; every method answers with plain values for JSON."""

    def __init__(
        self, spec: Path, inputs: Path, urls: Mapping[str, str], token_file: Path, dilation: Dilation
    ) -> None:
        self._dilation = dilation
        self._network = open_trial(spec)
        self._costs = load_costs(self._network)
        self._inputs = np.load(inputs)
        self._urls, self._token_file = urls, token_file
        self._interface = "http"
        self._runtimes: dict[str, DeviceRuntime] = {}
        self._phase = random.Random(0)  # noqa: S311  no secret
        device_only = Plan(self._network.graph.exit_names[-1], 0)
        for interface in urls:
            self._runtimes[f"given over {interface}"] = DeviceRuntime(
                Opening(
                    _with_hedge(self._network, hedge=False),
                    self._client(interface),
                    None,
                    None,
                    edge_answers=True,
                    choose=lambda _: FixedPlan(device_only),
                )
            )

    def handle(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Do one thing."""
        answer: dict[str, Any] = getattr(self, do)(**arguments)
        return answer

    def open(self, name: str, policy: str, hedge: bool, **conditions: Any) -> dict[str, Any]:
        """Measure the link and start a runtime that chooses its plans itself; ``given`` ones go its way, too.

        Args:
            name: what it will be called.
            policy: ``algorithm 1`` for a steady link; ``static``, ``paper`` or ``hedged`` for one that moves.
            hedge: whether a local exit stands by.
            conditions: of a policy: ``latency_requirement_s`` and ``states_bps`` for its map.
        """
        if name in self._runtimes:
            self._runtimes.pop(name).close()
        deadline = Deadline.after(_MEASURING_S, time.perf_counter)
        client = quicker([self._client(interface) for interface in self._urls], deadline)
        self._interface = next(interface for interface, url in self._urls.items() if url == client.url)
        measured = measure_link(lambda up, down: client.probe(up, down, deadline))
        candidates = self._costs.candidates(measured.request_overhead_bytes, measured.answer_overhead_bytes)
        calibration, meter = Calibration(candidates), LinkMeter(measured.link)

        def choose(local_exits: Callable[[], tuple[LocalExit, ...]]) -> Chooser:
            if policy == "algorithm 1":
                return SteadyLink(calibration, meter)
            decides, forecast = self._moving(policy, candidates, measured, local_exits(), **conditions)
            return MovingLink(calibration, meter, lambda: decides, forecast)

        network = _with_hedge(self._network, hedge=hedge)
        self._runtimes[name] = DeviceRuntime(
            Opening(network, client, calibration, meter, edge_answers=True, choose=choose)
        )
        return {
            "round_trip_s": measured.link.round_trip_s,
            "upload_bps": measured.link.upload_bps,
            "download_bps": measured.link.download_bps,
            "request_overhead_bytes": measured.request_overhead_bytes,
            "answer_overhead_bytes": measured.answer_overhead_bytes,
            "interface": self._interface,
        }

    def speak(self, interface: str) -> dict[str, Any]:
        """Run given plans over this interface, and warm it up; `open` sets it to the quicker one."""
        self._interface = interface
        client = self._client(interface)
        deadline = Deadline.after(_MEASURING_S, time.perf_counter)
        for _ in range(_WARM_UP_PROBES):
            client.probe(320, 64, deadline)
        client.close()
        return {}

    def infer(
        self, runtime: str, requirement_s: float, index: int, plan: str | None = None
    ) -> dict[str, Any]:
        """Answer one input; the runtime ``given`` does what it is told."""
        runner = self._runtimes[f"given over {self._interface}" if runtime == "given" else runtime]
        image = self._inputs[index % len(self._inputs)]
        self._enter_slice()
        began_s = time.monotonic()
        answer = runner.infer(image, requirement_s, Plan.parse(plan) if plan else None)
        times = answer.timeline
        return {
            "began_s": began_s,
            "latency_s": answer.latency_s,
            "predicted_s": answer.predicted_s,
            "plan": str(answer.plan),
            "wanted": str(answer.wanted),
            "edge_error": answer.edge_error,
            "encode_s": times.encode_s,
            "network_s": times.network_s,
            "edge_s": times.edge_s,
            "decode_s": times.decode_s,
            "tail_s": times.tail_s,
            "sent_bytes": times.sent_bytes,
            "received_bytes": times.received_bytes,
        }

    def dilate(self, factor: float) -> dict[str, Any]:
        """Take so many times as long for all that is computed from now on."""
        self._dilation.factor = factor
        return {}

    def settle(self, runtime: str) -> dict[str, Any]:
        """Wait until nothing that a runtime began is under way any more."""
        edge = self._runtimes[runtime]._edge  # noqa: SLF001  what is late is nobody's business but a benchmark's
        while edge.is_busy and edge._under_way and not edge._under_way.future.done():  # noqa: SLF001  the same
            time.sleep(1e-3)
        return {}

    def _enter_slice(self) -> None:
        """Be anywhere in a slice of the CPU quota: a program that was waiting is always at its beginning."""
        until_s = time.thread_time() + self._phase.uniform(0, SLICE_S)
        while time.thread_time() < until_s:
            pass

    def _client(self, interface: str) -> EdgeClient:
        return EdgeClient(self._urls[interface], self._network.graph.sha256, token_file=self._token_file)

    def _moving(
        self,
        policy: str,
        candidates: CostTable,
        measured: MeasuredLink,
        local_exits: tuple[LocalExit, ...],
        *,
        latency_requirement_s: float,
        states_bps: Sequence[float],
    ) -> tuple[Policy, Forecast]:
        """A policy for a link that moves: who decides, and on what forecast."""
        if policy == "hedged":
            return Hedged(local_exits), MovingAverageForecast()
        if policy == "static":
            return PlanOnce(), LastValueForecast()
        assert policy == "paper", policy
        prior = ChangePointPrior()
        made_by = Provenance.here_and_now(self._network.graph.sha256, "benchmarks.comparison")
        configuration_map = build_configuration_map(
            candidates,
            [_state(bps, len(states_bps)) for bps in sorted(states_bps)],
            [latency_requirement_s],
            prior,
            made_by,
            round_trip_s=measured.link.round_trip_s,
            allowed=paper_space(candidates),
        )
        return StateLookup(configuration_map), ChangePointForecast(prior)


def _state(mean_bps: float, of: int) -> BandwidthState:
    """A state of which the paper's map needs no more than its level."""
    return BandwidthState(mean_bps, 0.1, 1 / of, (mean_bps,) * len(QUANTILE_LEVELS), (1 / of,) * of)


def _with_hedge(network: Network, *, hedge: bool) -> Network:
    """The network with a device that runs local exits when the edge is late, or does not."""
    device = network.spec.device.model_copy(update={"hedge": hedge})
    return replace(network, spec=network.spec.model_copy(update={"device": device}))


def main(spec: str, inputs: str, url: str, grpc_url: str, token_file: str) -> None:
    """Do what is asked until standard input ends."""
    slow = Dilation()
    slow.install()
    try:
        urls = {"http": url, "grpc": grpc_url}
        device = Device(Path(spec), Path(inputs), urls, Path(token_file), slow)
        say(ready=True)
        converse(device.handle)
    except EdgentError as error:
        say(failed=str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
