"""Which exit each input leaves at."""

from __future__ import annotations

import numpy as np
import pytest

from edgent.core.exit_rules.rule import NEVER, ExitRule, leaves_at
from edgent.errors import UnknownNameError


def test_an_input_leaves_at_the_first_exit_that_is_sure_enough() -> None:
    """Above the threshold, not at it; what no exit is sure of goes to the end, however unsure that is."""
    confidence = np.array([[0.95, 0.9, 0.2, 0.99], [0.9, 0.8, 0.7, 0.1], [0.1, 0.1, 0.1, 0.1]])
    assert leaves_at(confidence, np.array([0.9, 0.6, NEVER])).tolist() == [0, 1, 1, 0]
    assert leaves_at(confidence, np.array([NEVER, 0.75, NEVER])).tolist() == [1, 1, 2, 2]
    assert leaves_at(confidence, np.full(3, NEVER)).tolist() == [2, 2, 2, 2]


def test_nothing_leaves_where_there_is_no_threshold_or_no_number() -> None:
    """Neither at an exit that the rule does not name."""
    rule = ExitRule("margin", {"exit1": 0.0})
    answers = np.array([[5.0, 0.0], [np.nan, 0.0]])
    assert rule.leaves("exit1", answers).tolist() == [True, False]
    assert rule.leaves("exit2", answers).tolist() == [False, False]


def test_an_unknown_measure_is_named() -> None:
    """When the rule is used."""
    with pytest.raises(UnknownNameError, match="no measure of confidence 'mood'"):
        ExitRule("mood", {}).leaves("exit1", np.zeros((1, 2)))
