"""Who says what a photo shows: labels, or the network itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgent.core.probabilities import probabilities
from edgent.errors import DataError
from edgent.exits.teacher import Teacher, choose_teacher
from edgent.inputs.photo_list import Photo

NAMES = ("ant", "bee", "cat")


def _photos(*labels: str | None) -> list[Photo]:
    return [Photo(Path(f"{number}.png"), label) for number, label in enumerate(labels)]


def _right(labels: list[str], classes: tuple[str, ...]) -> np.ndarray:
    """Answers that are always right."""
    return np.eye(len(classes), dtype=np.float32)[[classes.index(label) for label in labels]] * 9


def test_without_labels_the_network_teaches() -> None:
    """Its classes stay, and so does its output."""
    answers = np.array([[0, 2, 1], [3, 0, 0]], np.float32)
    teacher = choose_teacher(_photos(None, None), answers, NAMES)
    assert teacher == Teacher(NAMES, uses_labels=False, keeps_classifier=True)
    np.testing.assert_allclose(teacher.targets(_photos(None, None), answers), probabilities(answers))


def test_labels_that_the_network_knows_by_name() -> None:
    """Some of its classes suffice, whatever it answers: its output stays."""
    labels = ["bee", "cat", "bee"]
    teacher = choose_teacher(_photos(*labels), np.zeros((3, 3), np.float32), NAMES)
    assert teacher == Teacher(NAMES, uses_labels=True, keeps_classifier=True)
    assert teacher.targets(_photos(*labels), np.zeros((3, 3))).argmax(1).tolist() == [1, 2, 1]


def test_as_many_labels_as_classes_that_it_answers_rightly() -> None:
    """It was trained on these folders, in alphabetical order."""
    labels = ["x", "y", "z", "x"]
    answers = _right(labels, ("x", "y", "z"))
    teacher = choose_teacher(_photos(*labels), answers, ("class 0", "class 1", "class 2"))
    assert teacher == Teacher(("x", "y", "z"), uses_labels=True, keeps_classifier=True)


@pytest.mark.parametrize("labels", [["x", "y", "z", "x"], ["x", "y", "x", "y"]])
def test_labels_that_it_does_not_know(labels: list[str]) -> None:
    """As many as classes or fewer: it answers them wrongly, so its classifier is replaced."""
    answers = np.eye(3, dtype=np.float32)[[1, 2, 0, 1]]
    teacher = choose_teacher(_photos(*labels), answers, ("class 0", "class 1", "class 2"))
    assert teacher == Teacher(tuple(sorted(set(labels))), uses_labels=True, keeps_classifier=False)


def test_one_label_teaches_nothing() -> None:
    """The message says how photos are laid out."""
    with pytest.raises(DataError, match="folder of its own"):
        choose_teacher(_photos("x", "x"), np.zeros((2, 3), np.float32), NAMES)


def test_a_name_of_two_classes_teaches_neither() -> None:
    """ImageNet has a crane that flies and a crane that lifts."""
    teacher = Teacher(("crane", "bee", "crane"), uses_labels=True, keeps_classifier=True)
    assert teacher.unambiguous == ("bee",)
