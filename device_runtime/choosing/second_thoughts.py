"""Looks at the plans once more where the frame of an input is larger than frames usually are."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from edgent.planning.known_size import second_decision

if TYPE_CHECKING:
    from device_runtime.carrying_out.request import Request
    from device_runtime.edges.addresses import AddressBook
    from device_runtime.edges.edge_session import EdgeSession
    from device_runtime.learning.calibration import Calibration
    from device_runtime.link.link_tracking import LinkTracker
    from edgent.planning.objective import Objective

_LOG = logging.getLogger(__name__)


class SecondThoughts:
    """Decides again, at most once a request, with the bytes that are known by then."""

    def __init__(
        self,
        calibration: Calibration,
        tracker: LinkTracker,
        edge: EdgeSession,
        addresses: AddressBook,
        objective: Objective,
        overhead_bytes: float,
    ) -> None:
        """Take what a second decision is made from; none is made yet.

        Args:
            calibration: of the cost table that is chosen from.
            tracker: follows the link.
            edge: knows which plans are ready.
            addresses: where windows are asked for.
            objective: what plans in time are chosen for.
            overhead_bytes: what HTTP and TCP add to a request.
        """
        self._calibration = calibration
        self._tracker = tracker
        self._edge = edge
        self._addresses = addresses
        self._objective = objective
        self._overhead_bytes = overhead_bytes

    def on(self, request: Request, frame_bytes: int) -> Request | None:
        """The request with a plan that is in time where this frame is not; None: send the frame."""
        if request.decision is None or request.is_second:
            return None
        known, possible = self._edge.roster.known(), self._calibration.possible
        other = second_decision(
            self._calibration.table,
            self._tracker.expected,
            request.decision.index,
            frame_bytes,
            request.deadline.left_s(),
            overhead_bytes=self._overhead_bytes,
            ready=known if possible is None else known & possible,
            objective=self._objective,
        )
        if other is None:
            return None
        _LOG.info("this input takes %s, which %s", other.plan, other.reason)
        addresses = self._addresses.of(other.plan)
        return replace(request.begun_anew(other.plan, addresses, other), is_second=True)
