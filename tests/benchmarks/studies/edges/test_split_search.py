"""The search for the best split, on functions whose best is known."""

from __future__ import annotations

import pytest

from benchmarks.studies.edges.split_search import Split, best_split, in_proportion, neighbours


@pytest.mark.parametrize(
    ("speeds", "split"),
    [
        ((1.0, 0.5, 0.2), (60, 30, 10)),
        ((1.0, 1.0), (50, 50)),
        ((1.0, 1.0, 1.0), (40, 30, 30)),
        ((1.0,), (100,)),
    ],
)
def test_in_proportion_to_speeds(speeds: tuple[float, ...], split: Split) -> None:
    """In whole steps, which are a hundred in all."""
    assert in_proportion(speeds, 10) == split


def test_a_neighbour_has_one_step_elsewhere() -> None:
    """Nobody gives what it has not."""
    assert set(neighbours((90, 10, 0), 10)) == {(80, 20, 0), (80, 10, 10), (100, 0, 0), (90, 0, 10)}


def test_it_climbs_to_the_top() -> None:
    """Of a hill with one, from wherever it begins."""
    top = (80, 0, 20)

    def worth(split: Split) -> float:
        return -float(sum((share - best) ** 2 for share, best in zip(split, top, strict=True)))

    best, measured = best_split(worth, (1.0, 0.5, 0.2), 10, 100)
    assert best == top
    assert measured[top] == 0


def test_it_measures_no_split_twice_and_no_more_than_it_may() -> None:
    """The best of these is what it gives."""
    seen: list[Split] = []

    def worth(split: Split) -> float:
        seen.append(split)
        return float(split[0])

    best, measured = best_split(worth, (1.0, 0.5, 0.2), 10, 9)
    assert len(seen) == len(set(seen)) == len(measured) == 9
    assert best[0] == max(split[0] for split in seen)
