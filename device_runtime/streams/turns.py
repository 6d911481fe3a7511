"""When the device may begin with a frame while the one before it is still at the edge."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from edgent.planning.fallback import NoFallback

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.answer import Answer
    from device_runtime.carrying_out.request import Request
    from edgent.planning.plan import Plan

_LATEST = 12  # answers
_MARGIN_S = 2e-3  # for deciding, and what else is around the stages
_LEAST_GAIN = 1.2
"""In frames a second; where one side has nearly all of the work, answers would be older and hardly more."""


@dataclass(frozen=True)
class Times:
    """What an answer took in its three parts, in seconds.

    Attributes:
        before_s: on the device, until the frame for the edge stood.
        edge_s: on the link and on the edge.
        after_s: on the device, from then on.
    """

    before_s: float
    edge_s: float
    after_s: float

    @classmethod
    def of(cls, answer: Answer) -> Times | None:
        """Those of an answer by the plan that was wanted, with an edge; else None."""
        if answer.endpoint is None or answer.plan != answer.wanted:
            return None
        times = answer.timeline
        edge_s = times.network_s + times.edge_s + times.decode_s + (times.queue_s or 0.0)
        return cls(answer.prepare_s + times.before_s + times.encode_s, edge_s, times.tail_s)


class Turns:
    """Knows what the plan of now takes, and so whether a frame that is begun ahead makes anybody late.

    A frame is begun ahead by the plan of the one before alone, which was measured, and where that is to bring
    a fifth more frames a second at least. Three things must hold: the device is free again before the one
    before needs it; the frame itself is in time, although it waits for the edge and the device; and should
    the edge fail, a local exit answers each of them in time, the earlier deadline first (Liu and Layland,
    "Scheduling Algorithms for Multiprogramming in a Hard-Real-Time Environment", 1973).
    """

    def __init__(self, quickest_exit_s: Callable[[], float]) -> None:
        """Know of no measurements yet.

        Args:
            quickest_exit_s: what the quickest local exit takes now.
        """
        self._quickest_exit_s = quickest_exit_s
        self._plan: Plan | None = None
        self._latest: deque[Times] = deque(maxlen=_LATEST)

    def observe(self, answer: Answer) -> None:
        """Take in an answer."""
        times = Times.of(answer)
        if times is None:
            return
        if answer.plan != self._plan:
            self._plan = answer.plan
            self._latest.clear()
        self._latest.append(times)

    def begin_at_s(self, request: Request) -> tuple[float, float] | None:
        """From when and until when to begin with the next frame.

        Not sooner, so that it is ready when the edge is and no older than need be; not later, so that the
        device is free again when the first one needs it.

        Args:
            request: the one that is at the edge.

        Returns:
            On the clock of its deadline; None where nothing is known of its plan, or it gains too little.
        """
        if request.plan != self._plan or request.written_s is None:
            return None
        if self._gain() < _LEAST_GAIN:
            return None
        before_s, _, _ = self._at_most()
        edge_s = min(times.edge_s for times in self._latest)
        begin_by_s = self._comes_back_by_s(request) - before_s - _MARGIN_S
        return request.written_s + edge_s - before_s - _MARGIN_S, begin_by_s

    def busy_s(self, request: Request, now_s: float) -> float:
        """Seconds for which a frame that is begun now will wait for the edge or the device.

        Args:
            request: the one that is at the edge, by a plan that is known.
            now_s: on the clock of its deadline.
        """
        assert request.written_s is not None, "it is at the edge"
        before_s, edge_s, after_s = self._at_most()
        for_edge_s = max(request.written_s + edge_s - now_s - before_s, 0.0)
        return for_edge_s + max(after_s - edge_s, 0.0)

    def leaves_time(self, request: Request, now_s: float, captured_s: float, requirement_s: float) -> bool:
        """Whether a frame that is begun with now is in time, as far as that can be known.

        Args:
            request: the one that is at the edge, by a plan that is known.
            now_s: on the clock of its deadline.
            captured_s: when the frame was captured, on that clock.
            requirement_s: seconds from then until its answer is wanted.
        """
        before_s, edge_s, after_s = self._at_most()
        ends_s = now_s + before_s + _MARGIN_S + self.busy_s(request, now_s) + edge_s + after_s
        deadline_s = captured_s + requirement_s
        return ends_s <= deadline_s and self._can_rescue_both(request, now_s, deadline_s)

    def needs_device_at_s(self, request: Request, deadline_s: float) -> float:
        """When the quickest local exit needs the device, at the latest, to answer the next frame in time.

        Where files go up, the frame has to be decoded first: for as long as was expected of the one before.

        Args:
            request: the one that is at the edge, by a plan that is known.
            deadline_s: when the answer to the next frame is wanted, on the clock of the request's deadline.
        """
        decoding_s = request.expected_prepare_s if request.plan.sends_file else 0.0
        return deadline_s - self._quickest_exit_s() - decoding_s - _MARGIN_S

    def _can_rescue_both(self, request: Request, now_s: float, deadline_s: float) -> bool:
        """Whether local exits answer both frames in time, whenever the edge fails.

        Where the first one's has to be done before its own deadline for that, it starts earlier. The device
        has to be free by then, and the edge's answer is to be expected before.
        """
        earlier_s = request.deadline.at_s - self.needs_device_at_s(request, deadline_s)
        if earlier_s <= 0 or not request.hedged or isinstance(request.local, NoFallback):
            return True
        assert request.written_s is not None, "it is at the edge"
        before_s, edge_s, _ = self._at_most()
        ready_s = max(now_s + before_s, request.written_s + edge_s) + _MARGIN_S
        return ready_s <= self._comes_back_by_s(request) - earlier_s

    def _comes_back_by_s(self, request: Request) -> float:
        """When the device has to come back to a request, for its local exit or for the rest of its plan."""
        _, _, after_s = self._at_most()
        return min(request.wait_until().at_s, request.deadline.at_s - after_s)

    def _gain(self) -> float:
        """How many times as many frames a second as one by one: those that the busier side allows."""
        device_s = median(times.before_s + times.after_s for times in self._latest)
        edge_s = median(times.edge_s for times in self._latest)
        return (device_s + edge_s) / max(device_s, edge_s)

    def _at_most(self) -> tuple[float, float, float]:
        """The longest of each part, of the latest answers."""
        return (
            max(times.before_s for times in self._latest),
            max(times.edge_s for times in self._latest),
            max(times.after_s for times in self._latest),
        )
