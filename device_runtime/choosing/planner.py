"""The plan of the next request: chosen among those of which an address is known to be ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.planning.stages import Step

if TYPE_CHECKING:
    from device_runtime.choosing.choosers import Chooser
    from device_runtime.early_exits.early_exits import EarlyExits
    from device_runtime.edges.addresses import AddressBook
    from device_runtime.edges.edge_session import EdgeSession
    from device_runtime.learning.calibration import Calibration
    from device_runtime.local_exits.local_exits import LocalExits
    from device_runtime.local_exits.sessions import Sessions
    from edgent.planning.decision import Decision
    from edgent.planning.stages import Stage


class Planner:
    """Asks the chooser; a plan of which no address is known to be ready has to wait until one is."""

    def __init__(
        self,
        addresses: AddressBook,
        calibration: Calibration,
        chooser: Chooser,
        edge: EdgeSession,
        sessions: Sessions,
        local_exits: LocalExits,
        early_exits: EarlyExits | None = None,
    ) -> None:
        """Take what decisions are made from; none is made yet.

        Args:
            addresses: where windows are asked for.
            calibration: of the cost table that is chosen from.
            chooser: decides among ready plans.
            edge: knows which addresses are ready.
            sessions: runs the layers around a window, which are loaded before it counts as ready.
            local_exits: know what the device would go on with if no answer came.
            early_exits: asks exits on the way through these; None without an exit rule.
        """
        self.calibration = calibration
        self._addresses = addresses
        self._chooser = chooser
        self._edge = edge
        self._sessions = sessions
        self._local_exits = local_exits
        self._early_exits = early_exits

    def decide(self, requirement_s: float) -> Decision:
        """The next plan; one that would be better and is not known to be ready is asked after beside it.

        Where nothing that is known is in time, that one is taken all the same if it should end first: a local
        exit runs beside it, and its request finds out whether it is ready.
        """
        possible = True if self.calibration.possible is None else self.calibration.possible
        if not self._edge.is_free:
            return self._chooser.decide(requirement_s, ~self.calibration.profiled.remote)
        decision = self._chooser.decide(requirement_s, self._edge.roster.hoped_for() & possible)
        addresses = self._addresses.of(decision.plan)
        if self._edge.roster.is_ready(addresses):
            return decision
        known = self._chooser.decide(requirement_s, self._edge.roster.known() & possible)
        here = self._run_here(decision)
        is_loaded = all(map(self._sessions.is_loaded, here))
        if is_loaded and not known.meets_requirement and decision.latency_s < known.latency_s:
            return decision
        instead = self._local_exits.to_go_on(decision.plan)
        self._edge.check(addresses, lambda: self._sessions.load_all([*here, *instead]))
        return known

    def _run_here(self, decision: Decision) -> list[Stage]:
        """What the device runs of a plan, before its window and behind it."""
        stages = self.calibration.profiled.stages[decision.index]
        here = [stage for stage in stages if stage.step in (Step.RUN_BEFORE, Step.RUN_DEVICE)]
        if self._early_exits is not None and decision.plan.leaves_early:
            here += [one for stage in here for one in self._early_exits.stages(stage)]
        return here
