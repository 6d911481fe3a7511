"""Streams by a clock that the test moves: what overlaps, what that gains, and where it is left."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from device_runtime.edges.edges import Edge
from device_runtime.streams.pace import Pace
from device_runtime.streams.picture import Picture, broken
from device_runtime.streams.stream import Device, Stream, Wanted
from edgent.errors import InputError, StoppedError
from edgent.planning.plan import Plan
from tests.device_runtime.streams.timed_edge import IMAGE, Camera, TimedEdge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    import numpy as np

    from device_runtime.streams.streamed_answer import StreamedAnswer

CUT = Plan("exit2", 3, codec_down="uint8")
READ_S, EDGE_S, TAIL_S = 0.02, 0.03, 0.005
FAST_S = 0.001  # a camera that always has a new frame


class Streaming:
    """A runtime whose edge takes its time, and what its streams answer."""

    def __init__(self, made: Any, plan: Plan = CUT) -> None:
        self.made, self.clock = made, made.clock
        self.edge = TimedEdge(made.clock, lambda: made.arrival(plan, edge_s=0.0), EDGE_S)
        edge: Any = self.edge
        made.reopen(Edge(edge), plan=plan)
        self.broken: list[tuple[int, str, str]] = []
        self.told_while_held: list[bool] = []

    def stream(
        self, camera: Camera, requirement_s: float = 1.0, *, overlap: bool = True, pace: Pace | None = None
    ) -> Stream:
        """A stream of a camera."""
        runtime = self.made.runtime
        device = Device(
            runtime._deciding,
            runtime._answering,
            runtime._held,
            self.clock,
            self.clock.pass_s,
            self._wait,
            runtime.local_exits.quickest_s,
        )
        wanted = Wanted(requirement_s, None, overlap)
        return Stream((), camera, device, pace or Pace(self.clock), wanted, self._on_broken)

    def answers(self, camera: Camera, *given: Any, **options: Any) -> list[StreamedAnswer]:
        """All answers of a stream of a camera."""
        return list(self.stream(camera, *given, **options))

    def camera(self, count: int = 1000, interval_s: float = FAST_S) -> Camera:
        """Frames of which each takes the device 20 ms to read."""
        return Camera(self.clock, count, interval_s, READ_S)

    def _on_broken(self, index: int, name: str, error: str) -> None:
        self.broken.append((index, name, error))
        self.told_while_held.append(self.made.runtime._lock.locked())

    def _wait(self, under_way: Any, seconds: float) -> bool:
        self.clock.now_s = min(self.clock() + seconds, max(under_way.ends_s, self.clock()))
        ended: bool = under_way.done()
        return ended


@pytest.fixture
def streaming(scene: Callable[[Plan], Any]) -> Streaming:
    """Frames that take the device 20 ms, then the edge 30 ms, then the device 5 ms."""
    return Streaming(scene(CUT))


def intervals(answers: list[StreamedAnswer]) -> list[float]:
    """Seconds from each answer to the next."""
    given_s = [answer.captured_s + answer.age_s for answer in answers]
    return [later - earlier for earlier, later in itertools.pairwise(given_s)]


def test_one_by_one_a_frame_takes_all_its_parts(streaming: Streaming) -> None:
    """55 ms; the frames that came meanwhile were dropped, and the newest was taken."""
    answers = streaming.answers(streaming.camera(), overlap=False)
    assert intervals(answers)[1:-1] == pytest.approx([0.055] * (len(answers) - 3))
    assert [answer.frame for answer in answers[:4]] == [0, 55, 110, 165]
    assert [answer.dropped for answer in answers[:4]] == [0, 54, 108, 162]
    assert answers[3].age_s == pytest.approx(0.055)
    assert answers[3].fps == pytest.approx(1 / 0.055)


def test_overlapped_the_edge_is_always_busy(streaming: Streaming) -> None:
    """A frame is ready when the edge is: 30 ms a frame, and none is much older than by itself."""
    answers = streaming.answers(streaming.camera())
    assert intervals(answers)[3:-2] == pytest.approx([EDGE_S] * (len(answers) - 6))
    assert max(answer.age_s for answer in answers[:-1]) < 0.055 + 0.004
    assert all(answer.plan == CUT and answer.met_requirement for answer in answers)
    assert answers[-2].fps == pytest.approx(1 / EDGE_S, rel=0.02)


def test_the_device_is_always_busy_where_it_is_the_slower_one(streaming: Streaming) -> None:
    """The edge takes 10 ms: the device goes from one frame to the other, 25 ms each."""
    streaming.edge.takes_s = 0.01
    answers = streaming.answers(streaming.camera())
    assert intervals(answers)[3:-2] == pytest.approx([READ_S + TAIL_S] * (len(answers) - 6), abs=1e-9)


def test_the_next_frame_is_sent_before_the_tail_runs(streaming: Streaming) -> None:
    """The edge computes it while the device ends the one before."""
    streaming.answers(streaming.camera(200))
    sent_s = streaming.edge.sent_s[3:-1]
    gaps_s = [later - earlier for earlier, later in itertools.pairwise(sent_s)]
    assert gaps_s == pytest.approx([EDGE_S] * len(gaps_s))


def test_where_it_would_be_late_nothing_overlaps(streaming: Streaming) -> None:
    """56 ms are enough for a frame by itself, and not for one that waits for the edge."""
    streaming.made.hedge(False)
    answers = streaming.answers(streaming.camera(), 0.0565)
    assert intervals(answers)[1:-1] == pytest.approx([0.055] * (len(answers) - 3))
    assert all(answer.met_requirement for answer in answers[:-1])


def test_a_camera_slower_than_the_device_has_every_frame_answered(streaming: Streaming) -> None:
    """As soon as it came."""
    answers = streaming.answers(streaming.camera(20, interval_s=0.1))
    assert [answer.frame for answer in answers] == list(range(20))
    assert {round(answer.age_s, 6) for answer in answers} == {0.055}
    assert answers[-1].dropped == 0


def test_frames_behind_an_edge_that_falls_silent_are_answered_in_time(streaming: Streaming) -> None:
    """The device answers the one that waits in vain, and then the newest."""
    camera, answers = streaming.camera(2000), []
    for answer in streaming.stream(camera, 0.15):
        answers.append(answer)
        if len(answers) == 10:
            streaming.edge.takes_s = 100.0
    assert len(answers) > 20
    assert all(answer.met_requirement for answer in answers)
    assert [bool(answer.edge_error) for answer in answers[:11]] == [False] * 11
    assert all(answer.edge_error for answer in answers[12:])


def test_a_camera_that_pauses_keeps_no_local_exit_from_starting(streaming: Streaming) -> None:
    """The edge is silent, and so is the camera: the frame that is at the edge is answered in time."""
    answers = []
    for answer in streaming.stream(streaming.camera(8, interval_s=1.0), 0.15):
        answers.append(answer)
        if len(answers) == 5:
            streaming.edge.takes_s = 100.0
    assert len(answers) == 8
    assert all(answer.met_requirement for answer in answers)
    assert [bool(answer.edge_error) for answer in answers] == [False] * 5 + [True] * 3


def test_a_broken_frame_is_told_and_left_out(streaming: Streaming) -> None:
    """One that its source knows of, one that cannot be read, and one of another shape."""

    def unreadable() -> Any:
        raise InputError("no picture")

    frames = [
        Picture("a", lambda: IMAGE),
        broken("b", "damaged"),
        Picture("c", unreadable),
        Picture("d", lambda: IMAGE[:1]),
        Picture("e", lambda: IMAGE),
    ]
    stream = streaming.made.runtime.stream(frames, 1.0, drops=False, on_broken=streaming._on_broken)
    assert [answer.frame for answer in stream] == [0, 4]
    assert [(index, name) for index, name, _ in sorted(streaming.broken)] == [(1, "b"), (2, "c"), (3, "d")]


class Damaged(Camera):
    """Whose fifth frame that is read is no picture."""

    reads = 0

    def _read(self) -> np.ndarray:
        self.reads += 1
        if self.reads == 5:
            raise InputError("damaged")
        return super()._read()


def test_who_is_told_of_a_broken_frame_may_ask_the_runtime(streaming: Streaming) -> None:
    """Though the device began with it while another frame was at the edge: nobody holds it any more."""
    streaming.answers(Damaged(streaming.clock, 300, FAST_S, READ_S))
    assert [error for _, _, error in streaming.broken] == ["damaged"]
    assert streaming.told_while_held == [False]


def test_no_frame_is_dropped_where_none_is_to_be(streaming: Streaming) -> None:
    """The source waits, and the frames are as old as they are by themselves."""
    answers = list(streaming.made.runtime.stream([IMAGE] * 5, 1.0, drops=False))
    assert [answer.frame for answer in answers] == [0, 1, 2, 3, 4]
    assert answers[-1].dropped == 0


def test_frames_per_second_are_capped(streaming: Streaming) -> None:
    """Ten a second, the newest each."""
    camera = streaming.camera(1000)
    answers = streaming.answers(camera, pace=Pace(streaming.clock, fps=10))
    assert intervals(answers)[:-1] == pytest.approx([0.1] * (len(answers) - 2))
    assert max(answer.age_s for answer in answers[:-1]) < 0.06


def test_a_device_on_duty_half_of_the_time_rests_as_long_as_it_computes(streaming: Streaming) -> None:
    """It computes 25 ms a frame, so there is one every 50 ms, overlapped."""
    answers = streaming.answers(streaming.camera(), pace=Pace(streaming.clock, duty=0.5))
    spent_s = answers[-1].captured_s + answers[-1].age_s
    assert len(answers) * (READ_S + TAIL_S) / spent_s <= 0.5 + 0.05 / spent_s


def test_a_frame_may_come_without_an_end_of_the_stream(streaming: Streaming) -> None:
    """Whoever has enough stops: nothing is kept from the next request."""
    stream = streaming.stream(streaming.camera())
    answers: Iterator[StreamedAnswer] = iter(stream)
    for _ in range(5):
        next(answers)
    assert streaming.edge.is_busy, "the next frame was sent ahead"
    answers.close()  # type: ignore[attr-defined]  # it is a generator
    assert streaming.edge.let_go_of == 1
    streaming.clock.pass_s(EDGE_S)
    answer = streaming.made.runtime.infer(IMAGE, 1.0)
    assert (answer.plan, answer.edge_error) == (CUT, None)


def test_another_request_meanwhile_is_answered_here(streaming: Streaming) -> None:
    """The edge has the stream's next frame, whose answer is not taken for its own."""
    answers = iter(streaming.stream(streaming.camera()))
    for _ in range(5):
        next(answers)
    other = streaming.made.runtime.infer(IMAGE, 0.05)
    assert other.plan.stop == 0
    assert next(answers).plan == CUT


def test_an_error_of_the_source_is_the_streams(streaming: Streaming) -> None:
    """After the frames that came before it."""

    def frames() -> Iterator[Any]:
        yield IMAGE
        raise InputError("the camera was unplugged")

    answers = iter(streaming.made.runtime.stream(frames(), 1.0, drops=False))
    assert next(answers).frame == 0
    with pytest.raises(InputError, match="unplugged"):
        next(answers)


async def photos() -> AsyncIterator[Any]:
    """Frames that come by ``async for``."""
    yield IMAGE


@pytest.mark.parametrize(
    ("given", "shown"),
    [("photo.jpg", "'photo.jpg'"), (b"\xff\xd8", r"b'\xff\xd8'"), (Path("a"), "PosixPath('a')"), (5, "5")],
)
def test_what_is_no_stream_is_refused(streaming: Streaming, given: Any, shown: str) -> None:
    """A path would else be gone through letter by letter, and each be left out."""
    with pytest.raises(InputError) as told:
        streaming.made.runtime.stream(given)
    assert str(told.value).startswith(f"{shown} gives no frames: hand over what a `for` goes through")


def test_frames_that_an_event_loop_gives_are_refused(streaming: Streaming) -> None:
    """A thread of its own reads frames, and has no event loop."""
    with pytest.raises(InputError, match=r"^<async_generator object photos .* gives no frames: hand over"):
        streaming.made.runtime.stream(photos())


def test_a_closed_runtime_answers_no_frame(streaming: Streaming) -> None:
    """It says so."""
    streaming.made.runtime.close()
    with pytest.raises(StoppedError):
        next(iter(streaming.stream(streaming.camera())))


def test_an_event_loop_goes_through_a_stream(streaming: Streaming) -> None:
    """By ``async for``."""

    async def frames() -> list[int]:
        stream = streaming.made.runtime.stream([IMAGE] * 3, 1.0, drops=False)
        return [answer.frame async for answer in stream]

    assert asyncio.run(frames()) == [0, 1, 2]


def test_an_answer_tells_of_the_stream_in_json(streaming: Streaming) -> None:
    """Beside what any answer tells."""
    told = streaming.answers(streaming.camera(200), overlap=False)[1].to_json()
    assert (told["frame"], told["dropped"], told["plan"]) == (55, 54, str(CUT))
    assert told["captured_s"] == pytest.approx(0.055)
    assert told["age_ms"] == pytest.approx(55)
    assert told["fps"] == pytest.approx(1 / 0.055, abs=0.01)


def test_what_an_overlapped_answer_waited_is_told_apart(streaming: Streaming) -> None:
    """So that it is not taken for time of the runtime."""
    answers = streaming.answers(streaming.camera(400))
    for answer in answers[4:-2]:
        told_s = answer.waited_s + answer.prepare_s + answer.timeline.total_s
        assert told_s == pytest.approx(answer.latency_s, abs=1e-6)
