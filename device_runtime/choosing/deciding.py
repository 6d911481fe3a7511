"""What is to be done with an input: the caller's plan, the fixed one, or the planner's."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from device_runtime.carrying_out.request import Request
from device_runtime.deadline import Deadline
from edgent.core.photo import Photo
from edgent.core.wire import frame_bytes
from edgent.errors import NoFileError
from edgent.inputs import to_input
from edgent.plan_check import check_plan
from edgent.planning.plan import FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from device_runtime.carrying_out.preparation import Preparation
    from device_runtime.edges.edges import Edge
    from device_runtime.opening import Parts
    from edgent.inputs import Given
    from edgent.planning.decision import Decision
    from edgent.planning.plan import Plan

_STEP_S = 1e-3


@dataclass(frozen=True)
class Taken:
    """An input that the device has taken up.

    Attributes:
        given: what it is, shape (1, *input shape), or the photo that it is made of.
        input_s: when it came, on the runtime's clock.
        queued_s: seconds from then until it was taken up.
        read_s: seconds that reading it took.
    """

    given: np.ndarray | Photo
    input_s: float
    queued_s: float
    read_s: float


@dataclass(frozen=True)
class Turn:
    """When a request comes to the edge that begins while another one is there.

    Attributes:
        busy_s: seconds for which it will have to wait for that.
        suits: whether a plan is to be begun with now.
    """

    busy_s: float
    suits: Callable[[Plan], bool]


class Deciding:
    """Makes requests of inputs."""

    def __init__(self, parts: Parts, preparation: Preparation, clock: Callable[[], float]) -> None:
        """Take the parts that decide; no input has come yet.

        Args:
            parts: of the runtime.
            preparation: makes inputs of photos.
            clock: monotonic seconds.
        """
        calibrations = parts.edges.calibrations
        self._network = parts.network
        self._edges = parts.edges
        self._addresses = parts.addresses
        self._local_exits = parts.local_exits
        self._plan = parts.plan
        self._offers_file = FILE in parts.network.input_codecs
        plans_files = not calibrations or any(known.profiled.file_bytes > 0 for known in calibrations)
        self.plans_files = self._offers_file and plans_files
        self._preparation = preparation
        self._clock = clock

    def take(self, read: Callable[[], Given], plan: Plan | None, input_s: float | None = None) -> Taken:
        """Take an input up.

        Args:
            read: gives it, see `DeviceRuntime.infer`.
            plan: the caller's; None: none.
            input_s: when it came; now when None.

        Raises:
            InputError: the network takes no such input.
        """
        taken_s = self._clock()
        given = to_input(read(), self._network.spec)
        if isinstance(given, Photo) and not (self._offers_file if plan else self.plans_files):
            given = given.tensor
        input_s = taken_s if input_s is None else input_s
        return Taken(given, input_s, taken_s - input_s, self._clock() - taken_s)

    def decide(
        self, taken: Taken, plan: Plan | None, requirement_s: float, turn: Turn | None = None
    ) -> tuple[Request, float] | None:
        """What is to be done with an input.

        Returns:
            The request, and seconds in which a photo was made an input for it; None where its plan does not
            suit its turn.

        Raises:
            NoFileError: the plan sends a photo's file, and there is none that may go up.
            PlanError: the network has no such plan.
            InputError: the photo is broken.
        """
        given = taken.given
        expected_s = taken.read_s + self._preparation.expected_s(given)
        self.expect(given)
        if plan is not None:
            check_plan(self._network, plan)
        gone_s = taken.queued_s + taken.read_s + (turn.busy_s if turn else 0.0)
        decides_s = self._clock()
        edge, plan, decision = self._chosen(plan or self._plan, _left_to_plan_s(requirement_s, gone_s))
        decided_s = self._clock() - decides_s
        if turn is not None and not turn.suits(plan):
            return None
        calibration = edge.calibration
        prepare_s = self._prepared(given, plan)
        deadline = Deadline(taken.input_s + requirement_s, self._clock)
        local = self._local_exits.standing_by(
            deadline.left_s() - self._preparation.expected_s(given),
            decision.fallback_exit if decision else None,
            calibration.writing_s(plan) if calibration else 0.0,
        )
        hedge = self._network.spec.device.hedge
        addresses = self._addresses.of(plan)
        request = Request(
            given,
            plan,
            addresses,
            decision,
            taken.input_s,
            deadline,
            requirement_s,
            local,
            began_s=self._clock(),
            hedged=bool(hedge),
            edge=edge.session,
            eager=hedge == "eager",
            expected_prepare_s=expected_s,
            queued_s=taken.queued_s,
            decided_s=decided_s,
            avoided=self._edges.avoided(edge, addresses),
        )
        return request, prepare_s

    def _chosen(self, given: Plan | None, left_s: float) -> tuple[Edge, Plan, Decision | None]:
        """Which edge and which plan, and why; None where the plan is given."""
        if given is not None:
            return self._edges.for_plan(self._addresses.of(given)), given, None
        edge, decision = self._edges.decide(left_s)
        return edge, decision.plan, decision

    def _prepared(self, given: np.ndarray | Photo, plan: Plan) -> float:
        """Make an input of a photo unless its file goes up; seconds that this took.

        Raises:
            NoFileError: the plan sends a file, and there is none that may go up.
            InputError: the photo is broken.
        """
        if plan.sends_file:
            kept = file_kept(given)
            if kept is not None:
                self._preparation.prepare(given)  # one that is no picture at all says so
                raise NoFileError(f"{plan} sends a photo's own file, but {kept}: choose another plan")
            self._preparation.pass_by(given)
            return 0.0
        prepare_s = self._preparation.prepare(given)
        if prepare_s:
            self.expect(given)
        return prepare_s

    def expect(self, given: np.ndarray | Photo) -> None:
        """Tell who plans what is known of an input."""
        if not self.plans_files:
            return
        size_bytes, decoding = None, 1.0
        if isinstance(given, Photo) and given.kept_here is None:
            size_bytes = frame_bytes(given.outline.ndim, given.payload_bytes)
            decoding = self._preparation.times_the_mean(given)
        for calibration in self._edges.calibrations:
            calibration.expect(size_bytes, self._preparation.expected_s(given), decoding)


def file_kept(given: np.ndarray | Photo) -> str | None:
    """Why an input's own file may not go up; None where it may."""
    if isinstance(given, Photo):
        return given.kept_here
    return "the input came as pixels, not as the path or the bytes of a photo's file"


def _left_to_plan_s(requirement_s: float, gone_s: float) -> float:
    """Seconds that a plan may take of what is left.

    Whole milliseconds are taken off: choosers remember what they chose, and are so asked the same again.
    """
    return max(requirement_s - math.floor(gone_s / _STEP_S) * _STEP_S, min(requirement_s, _STEP_S))
