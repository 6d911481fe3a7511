"""Devices whose requests can be worked out by hand."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from edgent.bandwidth.generator import demo_traces, steady_trace
from edgent.capacity.crowd import Span
from edgent.capacity.scenario import Scenario
from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.plan import Plan
from edgent.planning.policies.hedged import Hedged
from edgent.planning.situation import Situation
from edgent.replay.conditions import Conditions

MakeScenario = Callable[..., Scenario]


@dataclass(frozen=True)
class Always:
    """One and the same plan, whatever there is to know; the device's own where there is no edge."""

    plan: Plan

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """See `Policy.decide`."""
        k = table.index_of(self.plan)
        return Decision(self.plan, 0.0, True, k if situation.is_ready(k) else 0, "always")


@pytest.fixture(scope="session")
def edge_only() -> Always:
    """The deeper exit of the `candidates` on the edge: 4 ms there, 1000 bytes up and 100 down."""
    return Always(Plan("exit2", 2))


@pytest.fixture(scope="session")
def scenario(conditions: Conditions) -> MakeScenario:
    """Devices that plan by `Hedged` within 30 ms, with demo traces of some Mbps unless a link is given."""

    def make(
        devices: int = 100, *, bandwidth_bps: float | None = None, hedged: bool = True, **others: object
    ) -> Scenario:
        under = Conditions(
            conditions.table, conditions.latency_requirement_s, conditions.round_trip_s, hedged=hedged
        )
        links = demo_traces(4, samples=60) if bandwidth_bps is None else (steady_trace(bandwidth_bps),)
        given: dict[str, object] = {"policy": Hedged(), "rate_hz": 1.0, **others}
        return Scenario(under, traces=links, devices=devices, **given)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def short() -> Span:
    """A simulation of a tenth of a second."""
    return Span(least_s=10.0, least_requests=4_000)
