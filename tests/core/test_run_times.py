"""What runs are counted with, and what that is worth in a queue that is first come, first served."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import pytest

from edgent.core.batch_run import Request, run_batch
from edgent.core.run_times import Run, RunTimes
from edgent.core.stay import SentAt
from edgent.core.wire import Frame
from edgent.core.worker_time import WorkerTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.core.window import LoadedWindow

RUN, OTHER = Run(b"window", in_pieces=False, inputs=1), Run(b"window", in_pieces=False, inputs=2)
CLOCK = b"here"
LEAST_S, MEAN_S, WITHIN_S, TURNAROUND_S = 0.04, 0.05, 0.25, 0.001


def _meet(times: RunTimes, *, queued: int, at_once: int) -> None:
    for number in range(queued + at_once):
        times.met(queued=number >= at_once)


@pytest.fixture
def times() -> RunTimes:
    """Twenty runs of 11 to 30 ms."""
    times = RunTimes()
    for ms in range(11, 31):
        times.took(RUN, ms / 1e3)
    return times


def test_the_least_counts_while_nobody_waits(times: RunTimes) -> None:
    """At first, where few queue, and where the last one did not."""
    assert times.counted_s(RUN, 0.01) == 0.01
    _meet(times, queued=11, at_once=5)
    assert times.counted_s(RUN, 0.01) == 0.01
    _meet(times, queued=16, at_once=0)
    times.met(queued=False)
    assert times.counted_s(RUN, 0.01) == 0.01


def test_what_is_usual_counts_while_requests_queue(times: RunTimes) -> None:
    """Nine in ten took no longer; of a run that was seldom done nothing is usual; the least always counts."""
    _meet(times, queued=12, at_once=4)
    assert times.counted_s(RUN, 0.01) == 0.028
    assert times.counted_s(RUN, 0.05) == 0.05
    for _ in range(3):
        times.took(OTHER, 0.03)
    assert times.counted_s(OTHER, 0.01) == 0.01


def test_the_latest_runs_count(times: RunTimes) -> None:
    """What was long ago is forgotten."""
    _meet(times, queued=16, at_once=0)
    for _ in range(32):
        times.took(RUN, 0.005)
    assert times.counted_s(RUN, 0.001) == 0.005


class Came(NamedTuple):
    """What came of a queue: answers in time, runs, requests that were refused."""

    in_time: int
    runs: int
    refused: int


class Slow:
    """A window whose runs take their time."""

    window, least_compute_s = SimpleNamespace(identity=b"window"), LEAST_S

    def __init__(self, run: Callable[[np.ndarray], np.ndarray]) -> None:
        self.run = run


class Queue:
    """A worker behind a queue: requests at random times, runs and ways back of random length."""

    def __init__(self, load: float, seed: int) -> None:
        self.random, self.now_s = np.random.default_rng(seed), 0.0
        self.worker = WorkerTime(self.now_us, CLOCK)
        self.times = self.worker.run_times
        self.written_s = np.cumsum(self.random.exponential(MEAN_S / load, 2000))
        self.window = cast("LoadedWindow", Slow(self._run))

    def now_us(self) -> int:
        """The time."""
        return round(self.now_s * 1e6)

    def _run(self, tensor: np.ndarray) -> np.ndarray:
        self.now_s += LEAST_S + self.random.gamma(2.0, (MEAN_S - LEAST_S) / 2)
        return tensor

    def serve(self, *, is_counted: bool) -> Came:
        """Let all come.

        Args:
            is_counted: whether usual runs and the way back, 10 to 20 ms, are counted.
        """
        in_time = runs = 0
        within_s = WITHIN_S - 0.015 * is_counted
        for at_s in self.written_s:
            self.now_s = max(self.now_s + TURNAROUND_S, at_s)
            taken = self.worker.take()
            sent = SentAt(CLOCK, round(at_s * 1e6))
            frame = Frame(np.zeros((1, 1)), "raw", bytes(8), seconds=within_s, times=sent)
            self.times.met(queued=taken.queued(frame))
            asked = {0: Request(frame, self.window, taken.until_us(frame))}
            if run_batch(asked, self.now_us, self.times if is_counted else RunTimes())[0]:
                runs += 1
                in_time += self.now_s + self.random.uniform(0.01, 0.02) <= at_s + WITHIN_S
            self.worker.give()
        return Came(in_time, runs, len(self.written_s) - runs)


@pytest.mark.parametrize("seed", range(3))
def test_twice_what_a_worker_can_compute(seed: int) -> None:
    """Nine in ten of the answers that it can give at most are in time, and hardly a run is in vain."""
    without, queue = Queue(2.0, seed).serve(is_counted=False), Queue(2.0, seed)
    came = queue.serve(is_counted=True)
    capacity = queue.now_s / MEAN_S
    assert came.in_time >= 0.9 * capacity
    assert came.runs - came.in_time <= 0.05 * came.runs
    assert without.in_time < 0.6 * capacity


@pytest.mark.parametrize("load", [0.1, 0.5])
def test_no_answer_is_lost_where_there_is_time(load: float) -> None:
    """At half of what it can compute and below."""
    without = Queue(load, 1).serve(is_counted=False)
    came = Queue(load, 1).serve(is_counted=True)
    assert came.in_time >= without.in_time
