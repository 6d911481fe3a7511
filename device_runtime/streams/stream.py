"""Answers the frames of a stream, the newest first; the next one is begun while one is at the edge."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from device_runtime.carrying_out.outcome import Outcome
from device_runtime.choosing.deciding import Turn
from device_runtime.streams.reader import start_reader
from device_runtime.streams.streamed_answer import StreamedAnswer
from device_runtime.streams.turns import Turns
from edgent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator
    from concurrent.futures import Future
    from contextlib import AbstractContextManager
    from types import TracebackType

    from device_runtime.answer import Answer
    from device_runtime.carrying_out.answering import Answering, Begun
    from device_runtime.carrying_out.request import Request
    from device_runtime.choosing.deciding import Deciding
    from device_runtime.exchange.exchange_thread import Arrival
    from device_runtime.streams.newest import Frame, Newest
    from device_runtime.streams.pace import Pace
    from device_runtime.streams.picture import Picture
    from edgent.inputs import Given
    from edgent.planning.plan import Plan

_LATEST = 30  # answers, whose rate is told


@dataclass(frozen=True)
class Device:
    """What a stream needs of its runtime.

    Attributes:
        deciding: takes inputs up.
        answering: answers them.
        held: keeps every other request from the device.
        clock: monotonic seconds.
        pause: waits for so many seconds.
        wait: waits for an exchange so many seconds long; whether it has ended.
        quickest_exit_s: what the quickest local exit takes now.
    """

    deciding: Deciding
    answering: Answering
    held: Callable[[], AbstractContextManager[None]]
    clock: Callable[[], float]
    pause: Callable[[float], None]
    wait: Callable[[Future[Arrival], float], bool]
    quickest_exit_s: Callable[[], float]


@dataclass(frozen=True)
class Wanted:
    """What is wanted of the answers.

    Attributes:
        requirement_s: seconds from a frame's capture until its answer is wanted.
        plan: what to do with every frame; the planner's decision when None.
        overlap: whether a frame may be begun while another one is at the edge.
    """

    requirement_s: float
    plan: Plan | None
    overlap: bool


class Stream:
    """The answers to a stream's frames, to be gone through once, by ``for`` or by ``async for``.

    A frame that is broken is left out, see ``on_broken`` of `DeviceRuntime.stream`.
    """

    def __init__(
        self,
        frames: Iterable[Given | Picture],
        newest: Newest,
        device: Device,
        pace: Pace,
        wanted: Wanted,
        on_broken: Callable[[int, str, str], None],
    ) -> None:
        """Begin to read frames.

        Args:
            frames: where they come from, read in a thread of its own.
            newest: where they wait.
            device: answers them.
            pace: keeps it from working all the time.
            wanted: of the answers.
            on_broken: is told of a frame that cannot be answered: its number, its name, and why.
        """
        self._newest, self._device, self._pace = newest, device, pace
        self._wanted, self._on_broken = wanted, on_broken
        self._turns = Turns(device.quickest_exit_s)
        self._ahead: tuple[Frame, Begun] | None = None
        self._answered: deque[tuple[Frame, Answer]] = deque()
        self._left_out: deque[tuple[Frame, str]] = deque()
        self._given_s: deque[float] = deque(maxlen=_LATEST)
        self._began_s = device.clock()
        start_reader(frames, newest)

    @property
    def dropped(self) -> int:
        """How many frames were dropped so far, for newer ones."""
        return self._newest.dropped

    def __iter__(self) -> Iterator[StreamedAnswer]:
        """The answers, in the order in which they are given.

        Raises:
            StoppedError: the runtime was closed.
            InputError: the source cannot be read any more.
        """
        try:
            while self._answered or self._step():
                while self._answered:
                    yield self._given(*self._answered.popleft())
        finally:
            self.close()

    async def __aiter__(self) -> AsyncIterator[StreamedAnswer]:
        """Give the answers to an event loop, which is free meanwhile."""
        import asyncio  # noqa: PLC0415  most devices have no event loop, and start sooner without

        answers = iter(self)
        try:
            while (answer := await asyncio.to_thread(next, answers, None)) is not None:
                yield answer
        finally:
            self.close()

    def close(self) -> None:
        """Take no more frames; again does nothing."""
        self._newest.end()
        ahead, self._ahead = self._ahead, None
        if ahead is not None and not isinstance(ahead[1].state, Outcome):
            ahead[1].state.edge.let_go()

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def while_away(self, request: Request, under_way: Future[Arrival]) -> None:
        """Begin with the next frame, so that it is ready when the edge is, if that makes nobody late."""
        between_s = self._turns.begin_at_s(request)
        if between_s is None or self._ahead is not None or request.eager:
            return
        goes_on = True
        while goes_on:
            now_s = self._device.clock()
            wait_s = max(between_s[0] - now_s, self._pace.wait_s(), 0.0)
            if now_s + wait_s > between_s[1] or self._device.wait(under_way, wait_s):
                return
            frame = self._newest.take(under_way, max(between_s[1] - self._device.clock(), 0.0))
            goes_on = frame is not None and self._begin_ahead(frame, request)

    def edge_is_free(self) -> None:
        """Send the frame that was begun ahead, before the device goes on with the one whose answer came."""
        if self._ahead is not None:
            frame, begun = self._ahead
            self._ahead = frame, self._device.answering.send_ahead(begun)

    def _step(self) -> bool:
        """Answer a frame, or tell of a broken one; false where no more come."""
        self._tell_broken()
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            if not self._newest.check_more():
                return False
            if self._pace.wait_s() > 0:
                self._device.pause(self._pace.wait_s())
            frame = self._newest.take()
            if frame is not None:
                self._answer(frame)
            return True
        try:
            with self._device.held():
                self._note(ahead[0], self._device.answering.finish(ahead[1]))
        except InputError as error:
            self._leave_out(ahead[0], error)
        return True

    def _answer(self, frame: Frame) -> None:
        """Answer a frame from its beginning."""
        wanted, device = self._wanted, self._device
        self._pace.begun()
        beside = self if wanted.overlap else None
        try:
            with device.held():
                taken = device.deciding.take(lambda: frame.picture.content, wanted.plan, frame.captured_s)
                begun = device.answering.begin(taken, wanted.plan, wanted.requirement_s, beside)
                self._note(frame, device.answering.finish(begun))
        except InputError as error:
            self._leave_out(frame, error)

    def _begin_ahead(self, frame: Frame, request: Request) -> bool:
        """Begin with a frame while another one is at the edge; whether yet another one may be begun with.

        Args:
            frame: which waits on if it is not its turn.
            request: the one that is at the edge.
        """
        wanted, device, now_s = self._wanted, self._device, self._device.clock()
        if not self._turns.leaves_time(request, now_s, frame.captured_s, wanted.requirement_s):
            self._newest.put_back(frame)
            return False
        turn = Turn(self._turns.busy_s(request, now_s), lambda plan: plan == request.plan)
        try:
            taken = device.deciding.take(lambda: frame.picture.content, wanted.plan, frame.captured_s)
            begun = device.answering.begin_ahead(taken, wanted.plan, wanted.requirement_s, self, turn)
        except InputError as error:
            self._leave_out(frame, error)
            return True
        if begun is None:
            self._newest.put_back(frame)
            return False
        self._pace.begun()
        if isinstance(begun.state, Outcome):
            self._note(frame, device.answering.finish(begun))
            return True
        request.hold.until_s = self._turns.needs_device_at_s(request, begun.request.deadline.at_s)
        self._ahead = frame, begun
        return False

    def _note(self, frame: Frame, answer: Answer) -> None:
        """Take in an answer."""
        self._answered.append((frame, answer))
        self._turns.observe(answer)
        self._pace.computed(_computed_s(answer))

    def _given(self, frame: Frame, answer: Answer) -> StreamedAnswer:
        """An answer with what is known of it now that it is given."""
        now_s = self._device.clock()
        self._given_s.append(now_s)
        lasted_s = now_s - self._given_s[0]
        return StreamedAnswer.of(
            answer,
            frame,
            self._began_s,
            age_s=now_s - frame.captured_s,
            dropped=self.dropped,
            fps=(len(self._given_s) - 1) / lasted_s if lasted_s > 0 else None,
        )

    def _tell_broken(self) -> None:
        """Tell of frames that cannot be answered, while no request holds the device."""
        while self._newest.broken:
            frame = self._newest.broken.popleft()
            self._on_broken(frame.index, frame.picture.name, frame.picture.error or "")
        while self._left_out:
            frame, error = self._left_out.popleft()
            self._on_broken(frame.index, frame.picture.name, error)

    def _leave_out(self, frame: Frame, error: InputError) -> None:
        """Have a frame told of before the next one is answered: here another one may hold the device."""
        self._left_out.append((frame, str(error)))


def _computed_s(answer: Answer) -> float:
    """Seconds that the device computed for an answer."""
    times = answer.timeline
    return answer.prepare_s + times.before_s + times.encode_s + times.decode_s + times.tail_s
