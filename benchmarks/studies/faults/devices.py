"""The devices under test: with a fixed plan, with plans from an optimizer, with and without a hedge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from device_runtime.calibration import Calibration
from device_runtime.choosers import MovingLink
from device_runtime.deadline import Deadline
from device_runtime.head_roster import head_of
from device_runtime.link import LinkMeter, measure_link
from device_runtime.opening import Opening, prepare
from device_runtime.runtime import DeviceRuntime
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.latency.loading import load_costs
from edgent.network import Network
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.policies.expected import ExpectedReward
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.latency.costs import NetworkCosts
    from edgent.planning.plan import Plan

_SLOWER = 3000.0
"""How much slower than measured the planned device is made out to be, so that it wants an edge next door."""
_MEASURING_S = 10.0
_NEXT_DOOR = Link(2e-3, 1e8, 1e8)


@dataclass(frozen=True)
class Devices:
    """Makes device runtimes for one pipeline and one edge.

    Attributes:
        spec_file: the pipeline.
        plan: for fixed plans; its head is the only one that plans may ask.
        token_file: of the edge.
        cache: for cut segments.
    """

    spec_file: Path
    plan: Plan
    token_file: Path
    cache: Path

    def fixed(self, url: str, *, hedge: bool = True) -> DeviceRuntime:
        """A device that always wants the one plan."""
        opening = self._prepare(url)
        spec = opening.network.spec
        device = spec.device.model_copy(update={"hedge": hedge})
        network = replace(opening.network, spec=spec.model_copy(update={"device": device}))
        return DeviceRuntime(replace(opening, network=network))

    def planned(self, url: str) -> DeviceRuntime:
        """A device that an optimizer plans for, made out to be slow: its own exits are never the plan."""
        opening = self._prepare(url)
        costs = load_costs(opening.network)
        deadline = Deadline.after(_MEASURING_S)
        measured = measure_link(lambda up, down: opening.client.probe(up, down, deadline))
        candidates = _slowed(costs).candidates(
            measured.request_overhead_bytes, measured.answer_overhead_bytes
        )
        calibration, meter = Calibration(candidates), LinkMeter(measured.link)
        chooser = MovingLink(calibration, meter, ExpectedReward, MovingAverageForecast())
        return DeviceRuntime(replace(opening, calibration=calibration, meter=meter, choose=lambda _: chooser))

    def heads(self) -> list[str]:
        """The head of the fixed plan, and that which the slow device wants on a link next door."""
        network = Network.open(read_spec(self.spec_file), self.cache)
        candidates = _slowed(load_costs(network)).candidates()
        wanted = exit_search(candidates, _NEXT_DOOR, network.spec.latency_requirement_s).plan
        return list(dict.fromkeys(head_of(network, plan) for plan in (self.plan, wanted)))

    def _prepare(self, url: str) -> Opening:
        return prepare(
            self.spec_file,
            plan=self.plan,
            inference_url=url,
            token_file=self.token_file,
            cache=self.cache,
        )


def _slowed(costs: NetworkCosts) -> NetworkCosts:
    return replace(costs, exits=tuple(replace(one, tail_s=one.tail_s * _SLOWER) for one in costs.exits))
