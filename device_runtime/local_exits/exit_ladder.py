"""The exits that lie ahead of where a device stands, and which of them it goes to next: a pure decision."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Rung:
    """An exit ahead.

    Attributes:
        exit: its name.
        accuracy: 0 to 1.
        trunk_s: seconds, with their spread, along the trunk to where it leaves: from the rung before, or from
            where the device stands.
        branch_s: seconds, with their spread, of its own layers.
        from_input: its own layers begin at the input, wherever on the trunk the device stands.
    """

    exit: str
    accuracy: float
    trunk_s: float
    branch_s: float
    from_input: bool = False


def seconds_to(rungs: Sequence[Rung]) -> list[float]:
    """Seconds to each exit's answer, with those before it passed by."""
    trunk_s, seconds = 0.0, []
    for rung in rungs:
        trunk_s += rung.trunk_s
        seconds.append(rung.branch_s if rung.from_input else trunk_s + rung.branch_s)
    return seconds


def highest_rung(rungs: Sequence[Rung], left_s: float, above: float = -math.inf) -> int | None:
    """The most accurate exit that is in time, of equals the quickest.

    Args:
        rungs: the exits ahead: those that begin at the input, then those that leave the trunk, in the order
            in which they do.
        left_s: seconds until an answer is to be given.
        above: the accuracy of what is at hand already.

    Returns:
        Its number; None where no exit is both in time and more accurate than that.
    """
    seconds = seconds_to(rungs)
    better = [k for k, rung in enumerate(rungs) if rung.accuracy > above and seconds[k] <= left_s]
    return max(better, key=lambda k: (rungs[k].accuracy, -seconds[k]), default=None)


def first_rung(rungs: Sequence[Rung], stands_by: str, accuracy: float, left_s: float) -> int | None:
    """The exit to answer first: none behind the one that stands by, which is known to be in time.

    Args:
        rungs: the exits ahead: those that begin at the input, then those that leave the trunk, in the order
            in which they do.
        stands_by: the exit that would be answered if there were no others.
        accuracy: its accuracy.
        left_s: seconds until an answer is to be given.

    Returns:
        Its number; None where the exit that stands by is in time only if its path is run in one go.
    """
    ahead = _not_behind(rungs, stands_by)
    goal = highest_rung(ahead, left_s)
    if goal is None or ahead[goal].accuracy < accuracy:
        return None
    return next_rung(ahead, left_s)


def next_rung(rungs: Sequence[Rung], left_s: float, above: float = -math.inf) -> int | None:
    """The exit to answer next on the way to the highest one that is in time.

    That is the first exit whose answer is better than what is at hand and leaves the highest one in time all
    the same. Along the trunk an answer on the way costs the layers of its own branch, and no more. Where one
    of both begins at the input it costs all that leads to it, so there it is only given while there is none
    at all, and only where it comes before the other.

    Args, Returns: as of :func:`highest_rung`.

    >>> ladder = [Rung("exit1", 0.7, 0.010, 0.002), Rung("exit2", 0.9, 0.010, 0.001)]
    >>> [next_rung(ladder, left_s) for left_s in (0.011, 0.012, 0.021, 0.023)]
    [None, 0, 1, 0]
    """
    goal = highest_rung(rungs, left_s, above)
    if goal is None:
        return None
    seconds = seconds_to(rungs)

    def costs_s(k: int) -> float:
        if not (rungs[k].from_input or rungs[goal].from_input):
            return rungs[k].branch_s if k < goal else math.inf
        return seconds[k] if above == -math.inf and seconds[k] < seconds[goal] else math.inf

    on_the_way = (
        k for k, rung in enumerate(rungs) if rung.accuracy > above and seconds[goal] + costs_s(k) <= left_s
    )
    return next(on_the_way, goal)


def _not_behind(rungs: Sequence[Rung], stands_by: str) -> Sequence[Rung]:
    """The exits of which none lies behind one; the others are worth nothing."""
    names = [rung.exit for rung in rungs]
    if stands_by not in names:
        return rungs
    last, seconds = names.index(stands_by), seconds_to(rungs)

    def lies_behind(k: int) -> bool:
        on_trunk = not (rungs[k].from_input or rungs[last].from_input)
        return k > last if on_trunk else seconds[k] > seconds[last]

    return [replace(rung, accuracy=-math.inf) if lies_behind(k) else rung for k, rung in enumerate(rungs)]
