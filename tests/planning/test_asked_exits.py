"""Which exits are asked, by what they take and how many inputs leave there."""

from __future__ import annotations

import pytest

from edgent.planning.asked_exits import AskingCosts, worth_asking

_SURE = {"a": {1, 2, 3}, "b": {1, 2, 3, 4, 5}}
"""Of ten inputs those that each exit is sure of."""


def _leaving(asked: tuple[str, ...]) -> list[float]:
    """The share that leaves at each exit that is asked: those that none before was sure of."""
    before: set[int] = set()
    shares = []
    for name in asked:
        shares.append(len(_SURE[name] - before) / 10)
        before |= _SURE[name]
    return shares


@pytest.mark.parametrize(
    ("asking_s", "expected"),
    [
        ((0.0, 0.0), ("a", "b")),  # 0.3·0.2 + 0.2·0.6 + 0.5·1.0 = 0.68; b alone: 0.5·0.6 + 0.5 = 0.8
        ((0.3, 0.0), ("b",)),  # whoever is not sure at a pays 0.3
        ((0.0, 0.3), ("a",)),  # b spares 0.4 for two of the seven that come, and takes 0.3 of all of them
        ((0.3, 0.3), ()),
    ],
)
def test_what_takes_the_least_in_the_mean_is_asked(
    asking_s: tuple[float, float], expected: tuple[str, ...]
) -> None:
    """Layers to a take 0.2 s, to b 0.6 s, the whole path 1 s."""
    on_the_way = [
        AskingCosts("a", until_s=0.2, asking_s=asking_s[0]),
        AskingCosts("b", until_s=0.6, asking_s=asking_s[1]),
    ]
    assert worth_asking(on_the_way, 1.0, _leaving) == expected


def test_without_exits_on_the_way_nobody_is_asked() -> None:
    """A plan that stops at the shallowest exit."""
    assert worth_asking([], 1.0, _leaving) == ()
