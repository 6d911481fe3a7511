"""Measures of confidence: the textbook's values, and answers one by one as in a batch."""

from __future__ import annotations

import numpy as np
import pytest

from edgent.core.exit_rules.confidence import confidences
from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.errors import PluginError, UnknownNameError

NAMES = ("largest_probability", "entropy", "margin")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("largest_probability", 0.7), ("entropy", 1 - 0.8018186 / np.log(3)), ("margin", 0.5)],
)
def test_values_are_those_of_the_textbook(name: str, expected: float) -> None:
    """Of the probabilities 0.7, 0.2 and 0.1, given as they are and as the scores that they come from."""
    probabilities = np.array([[0.2, 0.7, 0.1]])
    for answers in (probabilities, np.log(probabilities), np.log(probabilities) + 5):
        assert confidences(CONFIDENCES[name], answers) == pytest.approx([expected], abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_certainty_is_1_and_a_tie_is_least(name: str) -> None:
    """Between them every measure stays within 0 and 1, whatever the element type."""
    answers = np.array([[1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]], np.float32)
    certain, tied = confidences(CONFIDENCES[name], answers)
    assert certain == pytest.approx(1)
    assert tied == pytest.approx(0.25 if name == "largest_probability" else 0)
    random = np.random.default_rng(0).normal(size=(200, 7), scale=20).astype(np.float32)
    given = confidences(CONFIDENCES[name], random)
    assert given.dtype == np.float64
    assert ((given >= 0) & (given <= 1)).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_gives_what_its_answers_give_one_by_one(name: str) -> None:
    """Scores beside probabilities, which a look at the whole batch would take for scores."""
    answers = np.array([[2.0, 1.0, 0.0], [0.6, 0.3, 0.1], [0.0, 0.0, 1.0]])
    together = confidences(CONFIDENCES[name], answers)
    assert together.tolist() == [float(confidences(CONFIDENCES[name], row[None])[0]) for row in answers]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_number_is_no_confidence(name: str) -> None:
    """It is above no threshold, so nothing leaves with it."""
    answers = np.array([[np.nan, 1.0], [np.inf, 0.0]])
    assert not (confidences(CONFIDENCES[name], answers) > 0).any()


class Gives:
    """A measure of another package that gives what it was made with."""

    summary = "what it was made with"

    def __init__(self, given: object) -> None:
        self.given = given

    def of(self, probabilities: np.ndarray) -> np.ndarray:
        """That."""
        return self.given  # type: ignore[return-value]  # the mistake


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "gives None for 2 answers"),
        (0.5, r"gives 0\.5 for 2 answers"),
        (np.zeros((2, 3)), r"gives shape \(2, 3\) for 2 answers"),
        (np.array([0.5, np.nan]), "gives nan for an answer; .* from 0 to 1"),
        (np.array([3.0, 0.5]), "gives 3 for an answer; .* from 0 to 1"),
        (np.array([0.5, -0.5]), r"gives -0\.5 for an answer; .* from 0 to 1"),
    ],
)
def test_what_is_no_confidence_is_refused(given: object, said: str) -> None:
    """A rule found by it would be written and followed."""
    answers = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1]])
    with pytest.raises(PluginError, match=rf"test_confidence\.Gives {said}"):
        confidences(Gives(given), answers)


def test_names_and_additions() -> None:
    """An unknown name gets the nearest one; what gives no confidence is not taken."""
    with pytest.raises(UnknownNameError, match="no measure of confidence 'entrop'; did you mean 'entropy'"):
        CONFIDENCES["entrop"]
    with pytest.raises(PluginError, match="must be an object of the kind"):
        CONFIDENCES.add("guess", object())  # type: ignore[arg-type]
