"""What of a batch is computed, and in which order, on a clock that the runs turn."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.core.batch_run import Request, run_batch
from edgent.core.run_times import RunTimes
from edgent.core.wire import Frame

if TYPE_CHECKING:
    from edgent.core.window import LoadedWindow

Batch = dict[int, Request]


class Runs:
    """Windows that take their time on a clock of their own."""

    def __init__(self) -> None:
        self.now_us = 0
        self.done: list[tuple[str, int]] = []

    def window(self, name: str, takes_ms: float, least_ms: float | None = None) -> LoadedWindow:
        """A window that adds 1 to what it gets."""
        runs = self

        class Window:
            window = SimpleNamespace(identity=name.encode())
            least_compute_s = (takes_ms if least_ms is None else least_ms) / 1e3

            def run(self, tensor: np.ndarray) -> np.ndarray:
                runs.done.append((name, len(tensor)))
                runs.now_us += round(takes_ms * 1e3)
                return tensor + 1

        return cast("LoadedWindow", Window())


def _request(window: LoadedWindow, until_ms: float, value: int = 0, size: int = 1) -> Request:
    tensor = np.full((size, 1), value, np.uint8)
    return Request(Frame(tensor, "raw", bytes(8)), window, until_ms * 1e3)


@pytest.fixture
def runs() -> Runs:
    """A clock at 0, and nothing run."""
    return Runs()


def _run(runs: Runs, batch: Batch) -> tuple[set[int], set[int]]:
    computed, late = run_batch(batch, lambda: runs.now_us, RunTimes())
    for index, one in computed.items():
        np.testing.assert_array_equal(one.given.output, batch[index].frame.tensor + 1)
    return set(computed), set(late)


def test_the_most_urgent_window_runs_first(runs: Runs) -> None:
    """Whatever their order in the batch; those to one window run together."""
    slow, quick = runs.window("a", 10), runs.window("b", 10)
    batch = {0: _request(slow, 500), 1: _request(quick, 100), 2: _request(slow, 50), 3: _request(quick, 90)}
    assert _run(runs, batch) == ({0, 1, 2, 3}, set())
    assert runs.done == [("a", 2), ("b", 2)]


def test_what_is_late_for_the_whole_batch_is_not_computed(runs: Runs) -> None:
    """Answers return together: 24 ms are late for who has 15; without it the others are in time."""
    first, second = runs.window("a", 12), runs.window("b", 12)
    computed, late = _run(runs, {0: _request(first, 15), 1: _request(second, 20), 2: _request(second, 1000)})
    assert (computed, late) == ({1, 2}, {0})
    assert runs.done == [("b", 2)]


def test_runs_that_take_longer_than_the_least(runs: Runs) -> None:
    """It is looked at again before each run: what has become late by then is not computed."""
    first, second = runs.window("a", 50, least_ms=1), runs.window("b", 5)
    computed, late = _run(runs, {0: _request(first, 20), 1: _request(second, 40), 2: _request(second, 300)})
    assert (computed, late) == ({0, 2}, {1})
    assert runs.done == [("a", 1), ("b", 1)]


def test_why_it_is_late(runs: Runs) -> None:
    """What is left and what the batch takes at least."""
    runs.now_us = 5_000
    _, late = run_batch({4: _request(runs.window("a", 12), 10)}, lambda: runs.now_us, RunTimes())
    assert late[4] == (0.005, 0.012, 0.012)


def test_no_time_and_nothing_to_compute(runs: Runs) -> None:
    """What names no time is always computed; a question for readiness takes none of it."""
    window = runs.window("a", 12)
    batch = {0: _request(window, math.inf), 1: _request(window, math.inf, size=0)}
    computed, late = run_batch(batch, lambda: runs.now_us, RunTimes())
    assert (set(computed), late) == ({0, 1}, {})
    assert computed[1].given.output.size == 0
    assert runs.done == [("a", 1)]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 120), st.integers(0, 200)), max_size=8))
def test_nobody_is_refused_who_may_be_in_time(asked: list[tuple[int, int, int]]) -> None:
    """What was computed was in time; what was refused would not have been with those who could wait."""
    runs = Runs()
    takes = {number: 5 * number + 1 for number in range(4)}
    windows = {number: runs.window(str(number), ms) for number, ms in takes.items()}
    batch = {n: _request(windows[number], until, value) for n, (number, until, value) in enumerate(asked)}
    computed, late = run_batch(batch, lambda: runs.now_us, RunTimes())
    assert set(computed) | set(late) == set(batch)
    assert not set(computed) & set(late)
    total_ms = sum(takes[number] for number in {asked[n][0] for n in computed})
    assert runs.now_us == total_ms * 1000
    for n in computed:
        assert total_ms <= asked[n][1]
    for n in late:  # together with those that could wait for longer, none of whom it was to cost its time
        longer = {asked[m][0] for m in batch if asked[m][1] >= asked[n][1]}
        assert sum(takes[number] for number in longer) > asked[n][1]
