"""Right answers against right answers, and against guessing."""

import numpy as np
import pytest

from edgent.new_pipeline.sign_test import is_better, is_more_than_chance


def _right(*photos: int) -> np.ndarray:
    right = np.zeros(40, np.bool_)
    right[list(photos)] = True
    return right


@pytest.mark.parametrize(
    ("won", "lost", "better"), [(5, 0, True), (4, 0, False), (9, 2, True), (8, 3, False), (0, 0, False)]
)
def test_only_photos_that_one_way_alone_answers_rightly_count(won: int, lost: int, better: bool) -> None:
    """As in a table of the binomial distribution of one half, to one side, at 5 %."""
    both = range(20, 40)
    right, than = _right(*range(won), *both), _right(*range(won, won + lost), *both)
    assert is_better(right, than) == better
    assert not is_better(than, right)


@pytest.mark.parametrize(("right", "is_more"), [(12, False), (18, True)])
def test_more_than_guessing(right: int, is_more: bool) -> None:
    """Of forty photos of four classes guessing gives ten, and eighteen less often than once in a hundred."""
    assert is_more_than_chance(_right(*range(right)), 1 / 4) == is_more


def test_no_photo_tells_nothing() -> None:
    """As where no label is a class of the network."""
    nothing = np.zeros(0, np.bool_)
    assert not is_better(nothing, nothing)
    assert not is_more_than_chance(nothing, 1 / 4)
