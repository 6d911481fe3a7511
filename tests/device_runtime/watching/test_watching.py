"""Several watchers are told the same, and closed whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from device_runtime.watching.watching import Watchers

if TYPE_CHECKING:
    from device_runtime.answer import Answer
    from edgent.inputs import GivenInput


class Recorded:
    """A watcher that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def answered(self, index: int, item: GivenInput, answer: Answer) -> None:
        """Keep what came."""
        self.told.append((index, item, answer))

    def broken(self, index: int, item: GivenInput) -> None:
        """Keep what came."""
        self.told.append((index, item))

    def close(self) -> None:
        """Keep that it ended."""
        self.told.append("closed")


def test_each_is_told_everything_in_order() -> None:
    """In the order in which it happened."""
    one, other = Recorded(), Recorded()
    item, answer = cast("GivenInput", "item"), cast("Answer", "answer")

    with Watchers(one, other) as watchers:
        watchers.answered(0, item, answer)
        watchers.broken(1, item)

    assert one.told == other.told == [(0, item, answer), (1, item), "closed"]


def test_they_are_closed_where_the_run_breaks_off() -> None:
    """As by Ctrl-C."""
    one = Recorded()

    with pytest.raises(KeyboardInterrupt), Watchers(one):
        raise KeyboardInterrupt

    assert one.told == ["closed"]
