"""When a worker takes requests and how busy it is, on a clock that the test turns."""

import math

import numpy as np
import pytest

from edgent.core.stay import SentAt
from edgent.core.wire import Frame
from edgent.core.worker_time import WorkerTime

CLOCK, OTHER = b"here", b"else"


class Now:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.us = 1_000_000_000

    def __call__(self) -> int:
        """The time."""
        return self.us

    def pass_ms(self, ms: float) -> None:
        """So much time passes."""
        self.us += round(ms * 1e3)


@pytest.fixture
def now() -> Now:
    """The clock."""
    return Now()


def _frame(budget_s: float, times: SentAt | None = None) -> Frame:
    return Frame(np.zeros(1, np.uint8), "raw", bytes(8), seconds=budget_s, times=times)


@pytest.mark.parametrize(
    ("written_ms", "busy_ms"),
    [
        pytest.param(-1, 0, id="after the last answer"),
        pytest.param(
            -12, 10 + 2, id="while the last one was computed: what was left of it, and the turnaround"
        ),
        pytest.param(-80, 10 + 20 + 10 + 20, id="before both: no pause counts for longer than a turnaround"),
        pytest.param(None, 10 + 20 + 10 + 20, id="nobody knows when"),
    ],
)
def test_for_how_long_a_request_may_have_queued(now: Now, written_ms: int | None, busy_ms: int) -> None:
    """For as long as the worker was at work since it was written, and what lies between two batches."""
    worker = WorkerTime(now, CLOCK)
    for pause_ms in (5000, 30):  # two batches of 20 ms, and 10 ms behind them
        now.pass_ms(pause_ms)
        worker.take()
        now.pass_ms(20)
        worker.give()
    now.pass_ms(10)
    sent = SentAt() if written_ms is None else SentAt(CLOCK, now.us + 1000 * written_ms)
    taken = worker.take()
    assert taken.busy_us(_frame(1.0, sent)) == 1000 * busy_ms
    assert taken.stay(_frame(1.0, sent)).busy_s == busy_ms / 1e3
    assert taken.busy_us(None) == 1000 * (10 + 20 + 10 + 20)


@pytest.mark.parametrize(
    ("written_ms", "clock", "gap_ms", "queued"),
    [
        pytest.param(-5, CLOCK, 3, True, id="before the last answers, and taken right behind them"),
        pytest.param(-2, CLOCK, 3, False, id="after them"),
        pytest.param(-50, CLOCK, 30, False, id="a long way up to a worker that had a pause"),
        pytest.param(-5, OTHER, 3, False, id="nobody knows when"),
    ],
)
def test_whether_a_request_queued(
    now: Now, written_ms: int, clock: bytes, gap_ms: int, *, queued: bool
) -> None:
    """It was there while the worker computed for another one."""
    worker = WorkerTime(now, CLOCK)
    assert not worker.take().queued(_frame(1.0, SentAt(CLOCK, now.us - 10))), "the first"
    now.pass_ms(20)
    worker.give()
    now.pass_ms(gap_ms)
    assert worker.take().queued(_frame(1.0, SentAt(clock, now.us + 1000 * written_ms))) is queued


def test_until_when_somebody_waits(now: Now) -> None:
    """From when the request was written, where that is told on this clock; else from when it is taken."""
    taken = WorkerTime(now, CLOCK).take()
    sent_us = now.us - 80_000
    assert taken.until_us(_frame(0.05, SentAt(CLOCK, sent_us))) == now.us - 30_000
    for times in (None, SentAt(), SentAt(OTHER, sent_us)):
        assert taken.until_us(_frame(0.05, times)) == now.us + 50_000
    assert taken.until_us(_frame(0.0, SentAt(CLOCK, sent_us))) == math.inf


def test_how_long_it_waited(now: Now) -> None:
    """On its way and in the queue; nothing where no clock tells, or where it was written in the future."""
    taken = WorkerTime(now, CLOCK).take()
    assert taken.waited_us(_frame(1.0, SentAt(CLOCK, now.us - 80_000))) == 80_000
    assert taken.waited_us(_frame(1.0, SentAt(OTHER, now.us - 80_000))) == 0
    assert taken.waited_us(_frame(1.0, SentAt(CLOCK, now.us + 5))) == 0


def test_a_stay(now: Now) -> None:
    """From when it was taken until its answer stands; what others of its batch took is no time of its own."""
    taken = WorkerTime(now, CLOCK).take()
    began_us = now.us
    now.pass_ms(30)
    whole, own = taken.stay(), taken.stay(None, 0.02)
    assert (whole.clock, whole.began_us, whole.held_s, whole.busy_s) == (CLOCK, began_us, 0.03, 0.0)
    assert (own.began_us, own.held_s, own.busy_s) == (began_us + 20_000, pytest.approx(0.01), 0.02)
