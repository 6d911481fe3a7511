"""The devices side by side: with the rescue of before, with the anytime one, and going up while it waits."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from benchmarks.studies.rescue.dying_edge import dying_edge
from device_runtime.addresses import AddressBook
from device_runtime.local_exits import LocalExits
from device_runtime.opening import Parts
from device_runtime.runtime import DeviceRuntime
from edgent.bandwidth.last_value import LastValueForecast
from edgent.latency.loading import load_cost_table
from edgent.planning.fallback import Fallback, latest_safe_start
from edgent.planning.link import Link
from edgent.planning.policies.hedged import Hedged
from edgent.planning.situation import Situation
from edgent.planning.stages import Step

if TYPE_CHECKING:
    import numpy as np

    from benchmarks.studies.rescue.dying_edge import Death
    from device_runtime.answer import Answer
    from device_runtime.exit_ladder import Rung
    from device_runtime.sessions import Sessions
    from edgent.network import Network
    from edgent.planning.decision import Decision
    from edgent.planning.fallback import NoFallback
    from edgent.planning.plan import Plan

Direction = Literal["input sent", "device first"]
Method = Literal["before", "anytime", "eager"]
METHODS: tuple[Method, ...] = ("before", "anytime", "eager")
SLOWDOWN = 20.0
LINK = Link(10e-3, 2e6, 2e6)


class OneExit(LocalExits):
    """Local exits as they were: the exit that stands by is run, and no other where that is in time."""

    def rungs(self, start: int = 0) -> tuple[Rung, ...]:
        """None: it never goes from exit to exit."""
        return ()

    def to_run_now(self, planned: Fallback | NoFallback, left_s: float, at_hand: Plan | None = None) -> str:
        """The exit that stands by where it usually is in time, else what still is."""
        if isinstance(planned, Fallback) and self.usually_takes(planned.exit, at_hand) <= left_s:
            return planned.exit
        now = latest_safe_start(self.times(at_hand), left_s)
        return now.exit if isinstance(now, Fallback) else now.quickest.exit


class Chooser:
    """What the policy `hedged` decides on the link before it dies; only plans of one direction are ready.

    Attributes:
        calibration: None: predictions are the profile's.
    """

    calibration = None

    def __init__(self, network: Network, direction: Direction, local_exits: LocalExits) -> None:
        self.table = load_cost_table(network, SLOWDOWN, windows=True)
        is_first = self.table.start > 0 if direction == "device first" else self.table.start == 0
        self._ready = self.table.remote & self.table.edge_answers & is_first
        self._local_exits = local_exits
        self._forecast = LastValueForecast()
        self._forecast.update(LINK.upload_bps)

    def decide(self, requirement_s: float) -> Decision:
        """The plan, and the exit that is to stand by."""
        times = self._local_exits.times()
        situation = Situation(LINK, requirement_s, self._forecast, ready=self._ready, local_exits=times)
        return Hedged().decide(self.table, situation)


class Device:
    """One device; each of its requests meets an edge whose link dies."""

    def __init__(self, network: Network, sessions: Sessions, method: Method, direction: Direction) -> None:
        """Load and time its exits."""
        hedge = "eager" if method == "eager" else True
        section = network.spec.device.model_copy(update={"hedge": hedge})
        self._network = replace(network, spec=network.spec.model_copy(update={"device": section}))
        self._sessions = sessions
        self._local_exits = (OneExit if method == "before" else LocalExits)(network, sessions)
        self.chooser = Chooser(network, direction, self._local_exits)

    def load(self, plan: Plan) -> None:
        """Load what a plan needs here, and what may go on from it."""
        for stage in self._network.stages(plan):
            if stage.step is Step.RUN_BEFORE:
                self._sessions.load(stage)
        for stage in self._local_exits.to_go_on(plan):
            self._sessions.load(stage)

    def answer(self, image: np.ndarray, requirement_s: float, death: Death, writing_s: float) -> Answer:
        """The answer to one photo."""
        edge = dying_edge(death, writing_s, time.perf_counter)
        parts: Any = (self.chooser, edge)
        runtime = DeviceRuntime(
            Parts(
                self._network,
                AddressBook(self._network),
                parts[1],
                self._sessions,
                self._local_exits,
                parts[0],
                None,
            )
        )
        try:
            return runtime.infer(image, requirement_s)
        finally:
            edge.close()
