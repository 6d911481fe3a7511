"""Where frames wait: the newest one, and none where the source is to wait."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from device_runtime.streams.newest import Newest
from device_runtime.streams.picture import Picture, broken
from tests.runtime_fixtures import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator


def picture(name: str) -> Picture:
    """A frame."""
    return Picture(name, lambda: name)


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    """A thread beside this one."""
    with ThreadPoolExecutor(1) as thread:
        yield thread


def test_the_newest_waits() -> None:
    """Those before it are dropped, and counted; it was captured when it came."""
    clock, newest = Clock(), Newest(Clock())
    newest = Newest(clock)
    for name in "abc":
        newest.put(picture(name))
        clock.pass_s(1)
    frame = newest.take()
    assert frame is not None
    assert (frame.index, frame.picture.name, frame.captured_s, newest.dropped) == (2, "c", 102, 2)


def test_a_frame_that_was_put_back_waits_unless_there_is_a_newer_one() -> None:
    """Then it is dropped, too."""
    newest = Newest(Clock())
    newest.put(picture("a"))
    frame = newest.take()
    assert frame is not None
    newest.put_back(frame)
    assert newest.take() is frame
    newest.put(picture("b"))
    newest.put_back(frame)
    assert newest.dropped == 1
    taken = newest.take()
    assert taken is not None
    assert taken.picture.name == "b"


def test_whoever_takes_waits_for_the_next(beside: ThreadPoolExecutor) -> None:
    """Until it comes."""
    newest = Newest(Clock())
    taken = beside.submit(newest.take)
    newest.put(picture("a"))
    frame = taken.result(10)
    assert frame is not None
    assert frame.picture.name == "a"


def test_nobody_waits_beside_what_is_done(beside: ThreadPoolExecutor) -> None:
    """An exchange that ends wakes whoever waits."""
    newest, exchange = Newest(Clock()), Future[Any]()
    taken = beside.submit(newest.take, exchange)
    exchange.set_result(None)
    assert taken.result(10) is None


def test_a_source_that_is_to_wait_does(beside: ThreadPoolExecutor) -> None:
    """Its frames count as captured when they are taken."""
    clock = Clock()
    newest = Newest(clock, drops=False)
    newest.put(picture("a"))
    second = beside.submit(newest.put, picture("b"))
    clock.pass_s(5)
    taken = [newest.take(), newest.take()]
    assert second.result(10)
    assert [frame.captured_s for frame in taken if frame] == [105, 105]
    assert newest.dropped == 0


def test_a_broken_frame_takes_no_others_place() -> None:
    """It is told of by itself."""
    newest = Newest(Clock())
    newest.put(picture("a"))
    newest.put(broken("b", "damaged"))
    frame = newest.take()
    assert frame is not None
    assert frame.picture.name == "a"
    assert [(each.index, each.picture.error) for each in newest.broken] == [(1, "damaged")]


def test_the_end_comes_after_the_last_frame() -> None:
    """With the reason, if there is one."""
    newest = Newest(Clock())
    newest.put(picture("a"))
    newest.end(ValueError("unplugged"))
    assert newest.check_more()
    assert newest.take() is not None
    assert newest.take() is None
    with pytest.raises(ValueError, match="unplugged"):
        newest.check_more()
    assert not newest.put(picture("b")), "nobody takes it"


def test_the_first_reason_counts() -> None:
    """Whoever ends a stream is not told of what its source does then."""
    newest = Newest(Clock())
    newest.end()
    newest.end(ValueError("closed"))
    assert not newest.check_more()
