"""Timing many tasks side by side: interleaved, warmed up, in blocks of which the least median counts.

A task in a tight loop finds its weights in the cache and looks faster than it will be beside codecs and HTTP.
So every round runs every task once, in a new order, each after a pause, as it is met by a request that had to
wait for the network: meanwhile the processor slows down, and its caches go to others. And medians wander by
up to half on a busy machine, but only upwards: so the time is cut into blocks, and the least of the blocks'
medians is the task's time.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

import numpy as np
from pydantic import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    Task = Callable[[int], object]
    """One run of what is timed; the argument counts the runs, for another sample each time."""
    Progress = Callable[[str, float, float], None]
    """Called with what is going on, how much is done, and of how much."""

Key = TypeVar("Key", bound="Hashable")

BLOCKS = 5
_HOUR_US = 3.6e9
Blocks = Annotated[tuple[Annotated[float, Field(gt=0, lt=_HOUR_US)], ...], Field(min_length=1)]
"""Microseconds of each block, as a file has them."""
_WARM_UP_ROUNDS = 2
_LEAST_ROUNDS = 3
LEAST_RUNS = _WARM_UP_ROUNDS + BLOCKS * _LEAST_ROUNDS
"""How often a task is run at least, whatever the budget."""


@dataclass(frozen=True)
class Timing:
    """How long one task took, in none or more blocks of runs.

    Attributes:
        medians_us: median of each block, microseconds.
        p95_us: 95th percentile of each block, microseconds.
        runs: number of runs in all blocks together.
    """

    medians_us: Blocks = ()
    p95_us: Blocks = ()
    runs: Annotated[int, Field(ge=0)] = 0

    def __post_init__(self) -> None:
        """Refuse medians without percentiles."""
        if len(self.medians_us) != len(self.p95_us):
            raise ValueError(
                f"{len(self.medians_us)} medians_us, {len(self.p95_us)} p95_us; each block has one of both"
            )

    @property
    def time_s(self) -> float:
        """The least of the block medians, seconds."""
        return min(self.medians_us) / 1e6

    @property
    def p95_s(self) -> float:
        """What 95 % of the runs stay under: the median of the blocks' percentiles, seconds."""
        return float(np.median(self.p95_us)) / 1e6

    def with_block(self, seconds: Sequence[float]) -> Timing:
        """This and one more block of runs."""
        median, p95 = np.percentile(seconds, (50, 95)) * 1e6
        return Timing(
            (*self.medians_us, round(float(median), 2)),
            (*self.p95_us, round(float(p95), 2)),
            self.runs + len(seconds),
        )


def time_interleaved(
    tasks: Mapping[Key, Task],
    budget_s: float,
    *,
    done: Mapping[Key, Timing] | None = None,
    blocks: int = BLOCKS,
    after_block: Callable[[Mapping[Key, Timing]], None] | None = None,
    progress: Progress | None = None,
    pause: Callable[[], object] = lambda: None,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[Key, Timing]:
    """Run all tasks in turn until the budget is spent.

    Args:
        tasks: what to time.
        budget_s: seconds for all blocks together; a block has 3 rounds at least, whatever it takes.
        done: blocks of an earlier, interrupted call; what has them all is not run, and need be no task.
        blocks: number of blocks that the budget is cut into, and that every task has in the end.
        after_block: called with the timings so far.
        progress: called with the seconds spent, and with all. Where a block's least rounds take longer than
            its share of the budget, that share is spent round by round.
        pause: comes before every run, and is not timed.
        clock: seconds, monotonic.
    """
    timings = {**dict.fromkeys(tasks, Timing()), **(done or {})}
    left = {key: task for key, task in tasks.items() if len(timings[key].medians_us) < blocks}
    begun = min((len(timings[key].medians_us) for key in left), default=blocks)
    rounds = _Rounds(left, pause, clock, seed=begun)
    share_s = budget_s / blocks
    if begun < blocks:
        if progress is not None:
            progress("timing", begun * share_s, budget_s)
        for _ in range(_WARM_UP_ROUNDS):
            rounds.run()
    for block in range(begun, blocks):
        took: list[dict[Key, float]] = []
        began_s = clock()
        while len(took) < _LEAST_ROUNDS or clock() - began_s < share_s:
            took.append(rounds.run())
            if progress is not None:
                part = min((clock() - began_s) / share_s, len(took) / _LEAST_ROUNDS, 1.0)
                progress("timing", (block + part) * share_s, budget_s)
        lacking = [key for key in left if len(timings[key].medians_us) <= block]
        timings |= {key: timings[key].with_block([seconds[key] for seconds in took]) for key in lacking}
        if after_block is not None:
            after_block(timings)
    return timings


class _Rounds(Generic[Key]):
    """Runs every task once a round, in a new order each time."""

    def __init__(
        self,
        tasks: Mapping[Key, Task],
        pause: Callable[[], object],
        clock: Callable[[], float],
        seed: int,
    ) -> None:
        self._tasks, self._pause, self._clock = tasks, pause, clock
        self._order, self._random = list(tasks), random.Random(seed)  # noqa: S311  an order, no secret
        self._visits = 0

    def run(self) -> dict[Key, float]:
        """Seconds that each task took in one round."""
        self._random.shuffle(self._order)
        took = {}
        for key in self._order:
            task = self._tasks[key]
            self._pause()
            began_s = self._clock()
            task(self._visits)
            took[key] = self._clock() - began_s
        self._visits += 1
        return took
