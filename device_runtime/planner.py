"""The plan of the next request: chosen among those whose head is known to be ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.planning.stages import before_window

if TYPE_CHECKING:
    from device_runtime.calibration import Calibration
    from device_runtime.choosers import Chooser
    from device_runtime.edge_session import EdgeSession
    from device_runtime.sessions import Sessions
    from edgent.network import Network
    from edgent.planning.decision import Decision


class Planner:
    """Asks the chooser; a plan whose head is not known to be ready has to wait until it is."""

    def __init__(
        self,
        network: Network,
        calibration: Calibration,
        chooser: Chooser,
        edge: EdgeSession,
        sessions: Sessions,
    ) -> None:
        """Begin without a decision.

        Args:
            network: whose heads are asked.
            calibration: of the cost table that is chosen from.
            chooser: decides among ready plans.
            edge: knows which heads are ready.
            sessions: runs the layers before a window, which are loaded before it counts as ready.
        """
        self.calibration = calibration
        self._network = network
        self._chooser = chooser
        self._edge = edge
        self._sessions = sessions

    def decide(self, requirement_s: float) -> Decision:
        """The next plan; a head that would be better and is not known is asked in the background."""
        device_only = ~self.calibration.profiled.remote
        if not self._edge.is_free:
            return self._chooser.decide(requirement_s, device_only)
        decision = self._chooser.decide(requirement_s, self._edge.roster.hoped_for())
        head = self._network.head_of(decision.plan)
        if head is None or self._edge.roster.is_ready(head):
            return decision
        before = before_window(decision.plan.exit, decision.plan.start)
        self._edge.check(head, lambda: [self._sessions.load(stage) for stage in before])
        # From now on the edge is busy with that question, so this request stays on the device.
        return self._chooser.decide(requirement_s, self._edge.roster.known() & device_only)
