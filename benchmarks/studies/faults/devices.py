"""The devices under test: with a fixed plan, with plans from a policy, with and without a hedge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks.testbed.device.runtimes import given_plan, planning
from device_runtime.edge_client import EdgeClient
from edgent.latency.loading import load_costs
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search

if TYPE_CHECKING:
    from pathlib import Path

    from device_runtime.runtime import DeviceRuntime
    from edgent.latency.costs import NetworkCosts
    from edgent.network import Network
    from edgent.planning.plan import Plan

_SLOWER = 3000.0
"""How much slower than measured the planned device is made out to be, so that it wants an edge next door."""
_NEXT_DOOR = Link(2e-3, 1e8, 1e8)


@dataclass(frozen=True)
class Devices:
    """Makes device runtimes for one network and one edge."""

    network: Network
    plan: Plan
    token_file: Path

    def fixed(self, url: str, *, hedge: bool = True) -> DeviceRuntime:
        """A device that always wants the one plan."""
        return given_plan(self.network, self._client(url), self.plan, hedge=hedge)

    def planned(self, url: str) -> DeviceRuntime:
        """A device that a policy plans for, made out to be slow: its own exits are never the plan."""
        runtime, _, _ = planning(
            self.network, [self._client(url)], "expected", hedge=True, costs=self._slowed_costs()
        )
        return runtime

    def wanted_plans(self) -> list[Plan]:
        """The fixed plan, and the plan that the slow device wants on a link next door."""
        requirement_s = self.network.spec.latency_requirement_s
        return [self.plan, exit_search(self._slowed_costs().candidates(), _NEXT_DOOR, requirement_s).plan]

    def _client(self, url: str) -> EdgeClient:
        return EdgeClient(url, self.network.graph.sha256, token_file=self.token_file)

    def _slowed_costs(self) -> NetworkCosts:
        costs = load_costs(self.network)
        slowed = (
            replace(costs_of_exit, tail_s=costs_of_exit.tail_s * _SLOWER) for costs_of_exit in costs.exits
        )
        return replace(costs, exits=tuple(slowed))
