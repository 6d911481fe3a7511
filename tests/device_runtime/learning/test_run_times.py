"""Times of runs: typical and high, over the latest two hundred."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from device_runtime.learning.run_times import RunTimes


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that take turns after a microsecond each."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before_s)


def test_nothing_is_known_before_the_first_run() -> None:
    """Both times begin at 0 and at the first run are that run."""
    times = RunTimes()
    assert (times.typical_s, times.high_s) == (0.0, 0.0)
    times.observe(0.25)
    assert (times.typical_s, times.high_s) == (0.25, 0.25)


def test_of_a_few_runs_the_longest_is_left_out() -> None:
    """One hiccup among the first runs is not taken for the device's pace."""
    times = RunTimes()
    for seconds in (0.1, 9.0, 0.3, 0.2):
        times.observe(seconds)
    assert times.high_s == 0.3


def test_of_many_runs_one_in_a_hundred_may_be_longer() -> None:
    """Of 1 ... 200 ms the high time is 198 ms, whatever the order."""
    times = RunTimes()
    for k in range(200):
        times.observe((k * 77 % 200 + 1) / 1e3)
    assert times.high_s == pytest.approx(0.198)
    assert times.typical_s == pytest.approx(0.101)


@pytest.mark.usefixtures("hasty_threads")
def test_threads_may_observe_at_once() -> None:
    """No run is lost or counted twice: two hundred more, and nothing is left of what they showed."""
    times = RunTimes()

    def run(seconds: float) -> None:
        for number in range(2000):
            times.observe(seconds + number * 1e-6)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(run, (1.0, 2.0, 3.0, 4.0)))
    assert len(times.runs_s) == 200
    for _ in range(200):
        times.observe(0.5)
    assert (times.typical_s, times.high_s, len(times.runs_s)) == (0.5, 0.5, 200)


def test_old_runs_are_forgotten() -> None:
    """After two hundred runs at another pace the earlier ones count no more."""
    times = RunTimes()
    for seconds in [5.0] * 100 + [1.0] * 200:
        times.observe(seconds)
    assert (times.typical_s, times.high_s) == (1.0, 1.0)
