"""Bursts: everything on the same photos, the first answer of a burst is not counted."""

from collections.abc import Callable
from itertools import groupby

from benchmarks.studies.workload.bursts import in_bursts


def test_everything_is_asked_in_bursts_on_the_same_photos() -> None:
    """And in another order in another round."""
    asked: list[tuple[str, int]] = []

    def ask(name: str) -> Callable[[int], tuple[str, int]]:
        return lambda number: asked.append((name, number)) or (name, number)  # type: ignore[func-returns-value]

    names = "abcdef"
    answers = in_bursts({name: ask(name) for name in names}, rounds=2, counted=2, first=6)
    assert answers == {name: [(name, number) for number in (7, 8, 10, 11)] for name in names}
    bursts = [name for name, _ in groupby(asked, key=lambda one: (one[0], one[1] // 3))]
    orders = [[name for name, turn in bursts if turn == number] for number in (2, 3)]
    assert [sorted(order) for order in orders] == [list(names)] * 2
    assert orders[0] != orders[1]


def test_every_link_has_an_order_of_its_own() -> None:
    """It follows from the first photo; something is done before each round."""
    orders, rounds = list[str](), list[int]()

    def ask(name: str) -> Callable[[int], None]:
        return lambda _: orders.append(name)

    for first in (0, 8):
        names = {name: ask(name) for name in "abcdef"}
        in_bursts(names, rounds=1, counted=0, first=first, before_round=lambda: rounds.append(len(orders)))
    assert orders[:6] != orders[6:]
    assert rounds == [0, 6]
