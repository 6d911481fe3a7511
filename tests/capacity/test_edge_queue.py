"""The queue of an edge: against textbooks, against another simulator, and by what always holds."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.capacity.edge_queue import EdgeQueue, Rules, Turn
from tests.capacity.queueing_theory import crommelin_wait_s, erlang_c_wait_s

_REQUESTS = 200_000
_SERVICE_S = 0.005


def _arrivals_s(rate_hz: float, count: int = _REQUESTS) -> list[float]:
    arrivals_s: list[float] = np.random.default_rng(1).exponential(1 / rate_hz, count).cumsum().tolist()
    return arrivals_s


def _waits_s(rules: Rules, arrivals_s: list[float], computes_s: list[float]) -> list[float]:
    queue = EdgeQueue(rules)
    turns = [queue.enter(at_s, compute_s) for at_s, compute_s in zip(arrivals_s, computes_s, strict=True)]
    return [turn.start_s - at_s for at_s, turn in zip(arrivals_s, turns, strict=True) if turn]


@pytest.mark.parametrize("workers", [1, 4])
def test_random_times_wait_as_erlang_says(workers: int) -> None:
    """M/M/1 and M/M/4 at 70 %, within 4 % of the mean wait."""
    rate_hz = 0.7 * workers / _SERVICE_S
    computes_s = np.random.default_rng(2).exponential(_SERVICE_S, _REQUESTS).tolist()
    waits_s = _waits_s(Rules(workers, longest=10_000), _arrivals_s(rate_hz), computes_s)
    assert np.mean(waits_s) == pytest.approx(erlang_c_wait_s(rate_hz, _SERVICE_S, workers), rel=0.04)


@pytest.mark.parametrize("workers", [1, 4])
def test_equal_times_wait_as_crommelin_says(workers: int) -> None:
    """M/D/1, half of M/M/1, and M/D/4; what a worker does beside computing counts."""
    rate_hz = 0.7 * workers / _SERVICE_S
    rules = Rules(workers, longest=10_000, around_s=0.001)
    waits_s = _waits_s(rules, _arrivals_s(rate_hz), [_SERVICE_S - 0.001] * _REQUESTS)
    expected_s = crommelin_wait_s(rate_hz, _SERVICE_S, workers)
    assert np.mean(waits_s) == pytest.approx(expected_s, rel=0.04)
    if workers == 1:
        assert expected_s == pytest.approx(erlang_c_wait_s(rate_hz, _SERVICE_S, 1) / 2, rel=1e-6)


def test_another_simulator_says_the_same() -> None:
    """Every wait, of simpy's processes."""
    simpy = pytest.importorskip("simpy")
    arrivals_s = _arrivals_s(0.9 * 3 / _SERVICE_S, 3_000)
    computes_s = np.random.default_rng(2).exponential(_SERVICE_S, 3_000).tolist()
    environment, waits_s = simpy.Environment(), [math.nan] * 3_000
    workers = simpy.Resource(environment, 3)

    def request(n: int) -> Any:
        yield environment.timeout(arrivals_s[n])
        with workers.request() as turn:
            yield turn
            waits_s[n] = environment.now - arrivals_s[n]
            yield environment.timeout(computes_s[n])

    for n in range(3_000):
        environment.process(request(n))
    environment.run()
    assert _waits_s(Rules(3, longest=10_000), arrivals_s, computes_s) == pytest.approx(waits_s, abs=1e-9)


def test_a_full_queue_refuses() -> None:
    """One is served, two wait, and the next may not, until the first of them has its turn."""
    queue = EdgeQueue(Rules(workers=1, longest=2))
    turns = [queue.enter(now_s, 1.0) for now_s in (0.0, 0.0, 0.0, 0.0, 1.0)]
    assert turns == [Turn(0.0, True), Turn(1.0, True), Turn(2.0, True), None, Turn(3.0, True)]


def test_what_would_be_late_is_left_uncomputed() -> None:
    """Its turn takes no time: the one behind it starts at once. Without the rule it is computed in vain."""
    entries = [(0.0, 1.0, 9.0), (0.1, 1.0, 1.9), (0.2, 1.0, 2.0)]
    keeping, ignoring = EdgeQueue(Rules(1)), EdgeQueue(Rules(1, keeps_deadline=False))
    kept = [keeping.enter(*entry) for entry in entries]
    assert kept == [Turn(0.0, True), Turn(1.0, False), Turn(1.0, True)]
    assert [ignoring.enter(*entry) for entry in entries] == [
        Turn(0.0, True),
        Turn(1.0, True),
        Turn(2.0, True),
    ]


def test_nobody_waits_without_a_limit() -> None:
    """As many workers as it takes."""
    queue = EdgeQueue(Rules(workers=None))
    assert [queue.enter(0.0, 1.0, 0.5), queue.enter(0.0, 1.0)] == [Turn(0.0, False), Turn(0.0, True)]


@given(
    gaps=st.lists(st.integers(0, 8), min_size=1, max_size=60),
    computes=st.lists(st.integers(1, 16), min_size=60, max_size=60),
    patience=st.integers(1, 60),
    workers=st.integers(1, 4),
    longest=st.integers(0, 6),
    keeps_deadline=st.booleans(),
)
def test_what_always_holds(
    gaps: list[int], computes: list[int], patience: int, workers: int, longest: int, keeps_deadline: bool
) -> None:
    """In order, never more at once than workers, nobody waits beside a free one, and no queue is too long."""
    queue = EdgeQueue(Rules(workers, longest, keeps_deadline))
    arrivals = np.cumsum(gaps).astype(float).tolist()
    served: list[tuple[float, float, float]] = []
    waiting: list[tuple[float, float]] = []
    for now, compute in zip(arrivals, map(float, computes), strict=False):
        turn = queue.enter(now, compute, now + patience)
        in_line = sum(came <= now < start for came, start in waiting)
        busy = [end for _, start, end in served if start <= now < end]
        if turn is None:
            assert in_line == longest
            continue
        assert turn.start_s >= now
        if turn.start_s > now:
            assert in_line < longest
            assert len(busy) == workers
        waiting.append((now, turn.start_s))
        assert turn.is_computed == (not keeps_deadline or turn.start_s + compute <= now + patience)
        if turn.is_computed:
            served.append((now, turn.start_s, turn.start_s + compute))
    assert all(one <= other for (_, one), (_, other) in pairwise(waiting))
    for _, moment, _ in served:
        assert sum(start <= moment < end for _, start, end in served) <= workers
