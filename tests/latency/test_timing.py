"""Timing on a clock that the tasks themselves turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.latency.timing import Timing, time_interleaved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Workshop:
    """Tasks that take as long as they are told, on a clock of their own."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.ran: list[str] = []
        self.visits: list[int] = []

    def clock(self) -> float:
        """Seconds."""
        return self.now_s

    def task(self, name: str, duration: Callable[[float], float]) -> Callable[[int], None]:
        """A task whose duration depends on the time of day."""

        def run(visit: int) -> None:
            self.ran.append(name)
            self.visits.append(visit)
            self.now_s += duration(self.now_s)

        return run


def test_every_round_runs_every_task_once() -> None:
    """Never one task in a tight loop: a round runs each once, in an order of its own."""
    shop = Workshop()
    tasks = {name: shop.task(name, lambda _: 0.01) for name in "abcd"}
    time_interleaved(tasks, 2.0, clock=shop.clock)
    rounds = [shop.ran[k : k + 4] for k in range(0, len(shop.ran), 4)]
    assert all(sorted(order) == list("abcd") for order in rounds)
    assert len({tuple(order) for order in rounds}) > 1
    assert shop.visits == [k // 4 for k in range(len(shop.ran))]


def test_least_block_median_counts() -> None:
    """A machine that is busy for its first seconds does not make a task slower."""
    shop = Workshop()
    tasks = {"a": shop.task("a", lambda now_s: 0.003 if now_s < 5 else 0.001)}
    timing = time_interleaved(tasks, 10.0, clock=shop.clock, blocks=5)["a"]
    assert timing.medians_us == pytest.approx((3000, 3000, 1000, 1000, 1000), rel=1e-6)
    assert timing.time_s == pytest.approx(0.001)


def test_p95_is_what_most_runs_stay_under() -> None:
    """Nine runs in ten take 1 ms and one 2 ms: the median is 1, the percentile 2."""
    shop = Workshop()
    runs = iter(range(10_000_000))
    tasks = {"a": shop.task("a", lambda _: 0.002 if next(runs) % 10 == 0 else 0.001)}
    timing = time_interleaved(tasks, 5.0, clock=shop.clock)["a"]
    assert timing.time_s == pytest.approx(0.001)
    assert timing.p95_s == pytest.approx(0.002)


def test_budget_is_spent_and_no_more() -> None:
    """The time goes into timing, apart from the two rounds that warm up and the last round of each block."""
    shop = Workshop()
    tasks = {name: shop.task(name, lambda _: 0.01) for name in "ab"}
    timings = time_interleaved(tasks, 3.0, clock=shop.clock, blocks=5)
    assert 3.0 <= shop.now_s <= 3.0 + 0.02 * (2 + 5)
    assert timings["a"].runs == timings["b"].runs == len(shop.ran) / 2 - 2


def test_slow_node_gets_three_rounds_a_block() -> None:
    """A budget too small for the node is overdrawn rather than left without a median."""
    shop = Workshop()
    timing = time_interleaved({"a": shop.task("a", lambda _: 7.0)}, 1.0, clock=shop.clock, blocks=4)["a"]
    assert timing.runs == 12
    assert len(timing.medians_us) == 4


def test_resume_runs_only_the_missing_blocks() -> None:
    """What was kept after two of five blocks is gone on with, not begun again."""
    shop, kept = Workshop(), []

    def keep(timings: Mapping[str, Timing]) -> None:
        kept.append(dict(timings))

    tasks = {"a": shop.task("a", lambda now_s: 0.002 if now_s < 2 else 0.001)}
    time_interleaved(tasks, 5.0, clock=shop.clock, blocks=5, after_block=keep)
    assert [len(timings["a"].medians_us) for timings in kept] == [1, 2, 3, 4, 5]
    began_s = shop.now_s
    resumed = time_interleaved(tasks, 5.0, clock=shop.clock, blocks=5, done=kept[1])["a"]
    assert shop.now_s - began_s == pytest.approx(3.0, abs=0.01)
    assert resumed.medians_us[:2] == kept[1]["a"].medians_us
    assert len(resumed.medians_us) == 5


def test_nothing_is_run_when_all_is_done() -> None:
    """A complete profile costs nothing."""
    shop = Workshop()
    done = {"a": Timing((1.0, 1.0), (2.0, 2.0), 6)}
    assert time_interleaved({"a": shop.task("a", lambda _: 1.0)}, 5.0, done=done, blocks=2) == done
    assert shop.ran == []


def test_what_is_complete_is_handed_back_beside_what_is_added() -> None:
    """Tasks that come later are run for all their blocks, and nothing else is run again."""
    shop = Workshop()
    done = {"a": Timing((1.0, 1.0), (2.0, 2.0), 6), "gone": Timing((3.0, 3.0), (4.0, 4.0), 6)}
    tasks = {"a": shop.task("a", lambda _: 1.0), "b": shop.task("b", lambda _: 0.1)}
    timings = time_interleaved(tasks, 2.0, clock=shop.clock, done=done, blocks=2)
    assert {name: timings[name] for name in done} == done
    assert len(timings["b"].medians_us) == 2
    assert set(shop.ran) == {"b"}


def test_what_is_added_to_an_interrupted_profile_gets_as_many_blocks_as_the_rest() -> None:
    """One task has two of three blocks, another is new: both end with three, and what was kept stays."""
    shop = Workshop()
    tasks = {name: shop.task(name, lambda _: 0.01) for name in "ab"}
    done = {"a": Timing((1.0, 2.0), (3.0, 4.0), 6)}
    timings = time_interleaved(tasks, 3.0, clock=shop.clock, done=done, blocks=3)
    assert [len(timings[name].medians_us) for name in "ab"] == [3, 3]
    assert timings["a"].medians_us[:2] == (1.0, 2.0)


def test_progress_reaches_the_budget() -> None:
    """It never runs backwards and ends at the whole."""
    shop, told = Workshop(), []
    time_interleaved(
        {"a": shop.task("a", lambda _: 0.1)},
        4.0,
        clock=shop.clock,
        progress=lambda what, done_s, of_s: told.append((what, done_s, of_s)),
    )
    done = [done_s for _, done_s, _ in told]
    assert done == sorted(done)
    assert told[-1] == ("timing", pytest.approx(4.0), 4.0)


def test_progress_of_a_slow_node_follows_its_rounds() -> None:
    """Its first block overdraws the budget, and yet most is still to be done."""
    shop, told = Workshop(), []
    time_interleaved(
        {"a": shop.task("a", lambda _: 7.0)},
        1.0,
        clock=shop.clock,
        blocks=2,
        progress=lambda _, done_s, of_s: told.append((shop.now_s, done_s / of_s)),
    )
    rounds = [(14.0 + 7.0 * number, pytest.approx(number / 6)) for number in range(1, 7)]
    assert told == [(0.0, 0.0), *rounds]
