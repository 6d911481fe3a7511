"""Which places get an exit: against brute force over all sets of places."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.exits.choice import choose_exits

# Multiples of 1/64 are exact in floating point, so that equal areas are equal.
_shares = st.lists(st.integers(0, 64), min_size=1, max_size=7, unique=True).map(
    lambda found: [n / 64 for n in sorted(found)]
)


def _area(chosen: tuple[int, ...], shares: list[float], accuracies: list[float]) -> float:
    ends = [*(shares[k] for k in chosen[1:]), 2.0]
    return sum((end - shares[k]) * accuracies[k] for k, end in zip(chosen, ends, strict=True))


@given(st.data(), _shares, st.integers(1, 5), st.booleans())
def test_no_other_places_give_more(
    data: st.DataObject,
    shares: list[float],
    count: int,
    keeps_last: bool,
) -> None:
    """Of all sets of at most so many places, none has a larger area under its staircase."""
    size = len(shares)
    accuracies = data.draw(st.lists(st.integers(0, 64).map(lambda n: n / 64), min_size=size, max_size=size))
    chosen = choose_exits(shares, accuracies, count, keeps_last=keeps_last)
    others = itertools.chain.from_iterable(
        itertools.combinations(range(size), length) for length in range(1, count + 1)
    )
    possible = [places for places in others if not keeps_last or places[-1] == size - 1]
    steps = [
        p
        for p in possible
        if all(
            accuracies[a] < accuracies[b] or (keeps_last and b == size - 1) for a, b in itertools.pairwise(p)
        )
    ]
    assert _area(chosen, shares, accuracies) == max(_area(p, shares, accuracies) for p in steps)
    assert list(chosen) == sorted(set(chosen))
    assert len(chosen) <= count


def test_exits_spread_and_rise() -> None:
    """Where accuracy rises evenly, exits stand at even distances; the last is the most accurate."""
    shares = [k / 8 for k in range(1, 9)]
    assert choose_exits(shares, shares, 4, keeps_last=False) == (1, 3, 5, 7)


@pytest.mark.parametrize(("keeps_last", "wanted"), [(True, (1, 2)), (False, (0, 1))])
def test_a_deeper_exit_that_is_worse(wanted: tuple[int, ...], *, keeps_last: bool) -> None:
    """It is none, but for an output that has to stay."""
    assert choose_exits([0.5, 0.6, 1.0], [0.5, 0.9, 0.85], 2, keeps_last=keeps_last) == wanted
