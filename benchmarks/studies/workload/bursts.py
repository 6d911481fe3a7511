"""Asked in bursts: everything under the same conditions, whatever it is.

The same plan takes a different time when it comes once between others than when it comes several times in a
row: its layers and buffers are in the caches. So everything is asked several times in a row, of which the
first is not counted, on the same photos, and the order of the bursts is drawn anew in every round.
"""

import random
from collections.abc import Callable, Mapping
from typing import TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Ask = Callable[[int], Answer]
"""Asks for one photo, by its number."""


def in_bursts(
    subjects: Mapping[Asked, Ask[Answer]],
    rounds: int,
    counted: int,
    first: int = 0,
    before_round: Callable[[], object] = lambda: None,
) -> dict[Asked, list[Answer]]:
    """Ask every subject in bursts.

    Args:
        subjects: What is asked, and how.
        rounds: How many bursts each of them has.
        counted: How many of a burst's answers count; there is one more before them.
        first: The number of the first photo; all are asked for the same ones, in an order that follows from
            it.
        before_round: Is done before each round.
    """
    draw = random.Random(first)  # noqa: S311  no secret
    answers: dict[Asked, list[Answer]] = {subject: [] for subject in subjects}
    for turn in range(rounds):
        before_round()
        for subject in draw.sample(list(subjects), len(subjects)):
            begin = first + turn * (counted + 1)
            burst = [subjects[subject](number) for number in range(begin, begin + counted + 1)]
            answers[subject] += burst[1:]
    return answers
