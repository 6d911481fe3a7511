"""The devices side by side: with the rescue of before, with the anytime one, and going up while it waits."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from benchmarks.studies.rescue.dying_edge import dying_edge
from device_runtime.edges.addresses import AddressBook
from device_runtime.edges.edges import Edge, Edges
from device_runtime.edges.retry_budget import RetryBudget
from device_runtime.local_exits.local_exits import LocalExits
from device_runtime.opening import Parts
from device_runtime.runtime import DeviceRuntime
from edgent.bandwidth.last_value import LastValueForecast
from edgent.latency.loading import load_cost_table
from edgent.planning.link import Link
from edgent.planning.policies.hedged import Hedged
from edgent.planning.situation import Situation
from edgent.planning.stages import Step

if TYPE_CHECKING:
    from benchmarks.studies.rescue.dying_edge import Death
    from device_runtime.answer import Answer
    from device_runtime.local_exits.exit_ladder import Rung
    from device_runtime.local_exits.sessions import Sessions
    from edgent.network import Network
    from edgent.planning.decision import Decision
    from edgent.planning.plan import Plan

Direction = Literal["input sent", "device first"]
Method = Literal["before", "anytime", "eager"]
METHODS: tuple[Method, ...] = ("before", "anytime", "eager")
SLOWDOWN = 20.0
LINK = Link(10e-3, 2e6, 2e6)


class SwitchedExits(LocalExits):
    """Local exits of which one device has learnt, whichever rescue it has.

    Attributes:
        goes_on: Whether the device goes from exit to exit; else it runs the exit that stands by, as before.
    """

    goes_on = True

    def rungs(self, start: int = 0) -> tuple[Rung, ...]:
        """The exits ahead; none where the device does not go on."""
        return super().rungs(start) if self.goes_on else ()


class Chooser:
    """What the policy `hedged` decides on the link before it dies, among plans of one direction.

    They are those to the deepest exit, whose answer the edge gives.

    Attributes:
        calibration: None: predictions are the profile's.
    """

    calibration = None

    def __init__(self, network: Network, direction: Direction, local_exits: LocalExits) -> None:
        self.table = load_cost_table(network, SLOWDOWN, windows=True)
        is_first = self.table.start > 0 if direction == "device first" else self.table.start == 0
        deepest = network.graph.exit_names[-1]
        is_deepest = np.array([plan.exit == deepest for plan in self.table.plans])
        self._ready = self.table.remote & self.table.edge_answers & is_first & is_deepest
        self._local_exits = local_exits
        self._forecast = LastValueForecast()
        self._forecast.update(LINK.upload_bps)

    def decide(self, requirement_s: float) -> Decision:
        """The plan, and the exit that is to stand by."""
        times = self._local_exits.times()
        situation = Situation(LINK, requirement_s, self._forecast, ready=self._ready, local_exits=times)
        return Hedged().decide(self.table, situation)


class Device:
    """One device, with one rescue or another; each of its requests meets an edge whose link dies.

    Attributes:
        chooser: Decides on its plans.
    """

    def __init__(self, network: Network, sessions: Sessions, direction: Direction) -> None:
        """Time its exits."""
        self._networks = {method: _with_hedge(network, method == "eager") for method in METHODS}
        self._sessions = sessions
        self._local_exits = SwitchedExits(network, sessions)
        self.chooser = Chooser(network, direction, self._local_exits)

    def load(self, plan: Plan) -> None:
        """Load what a plan needs here, and what may go on from it."""
        for stage in self._networks["before"].stages(plan):
            if stage.step is Step.RUN_BEFORE:
                for part in stage.parts:
                    self._sessions.load(part)
        for stage in self._local_exits.to_go_on(plan):
            self._sessions.load(stage)

    def answer(
        self, image: np.ndarray, requirement_s: float, method: Method, death: Death, writing_s: float
    ) -> Answer:
        """The answer to one photo."""
        self._local_exits.goes_on = method != "before"
        network, edge = self._networks[method], dying_edge(death, writing_s, time.perf_counter)
        chooser: Any = self.chooser
        book = AddressBook(network)
        runtime = DeviceRuntime(
            Parts(
                network,
                book,
                Edges([Edge(edge, chooser)]),
                self._sessions,
                self._local_exits,
                None,
                RetryBudget(),
            )
        )
        try:
            return runtime.infer(image, requirement_s)
        finally:
            edge.close()


def _with_hedge(network: Network, is_eager: bool) -> Network:
    """The same network with `device.hedge` eager, or on."""
    section = network.spec.device.model_copy(update={"hedge": "eager" if is_eager else True})
    return replace(network, spec=network.spec.model_copy(update={"device": section}))
