"""Means of changes and their standard errors, against NumPy's over all changes at once."""

from __future__ import annotations

import numpy as np
import pytest

from edgent.accuracy.added_changes import AddedChanges


def test_batches_add_up() -> None:
    """The mean and its error are those of all changes together."""
    changes = np.array([1.0, -1.0, 0.0, 0.0, -1.0, 0.5, 0.0])
    added = AddedChanges()
    for batch in (changes[:3], changes[3:4], changes[4:]):
        added.add(batch)
    mean, error = added.mean_and_error(len(changes))
    assert mean == pytest.approx(changes.mean(), abs=1e-6)
    assert error == pytest.approx(changes.std() / np.sqrt(len(changes)), abs=1e-6)


def test_where_nothing_changes_there_is_no_error() -> None:
    """Nor is there where all change alike: rounding makes no negative variance."""
    assert AddedChanges().mean_and_error(100) == (0.0, 0.0)
    alike = AddedChanges()
    alike.add(np.full(3, 0.1))
    assert alike.mean_and_error(3) == (0.1, 0.0)
