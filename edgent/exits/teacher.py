"""What new exits learn: the photos' labels, or where there are none the network's own answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.probabilities import probabilities
from edgent.errors import DataError
from edgent.exits.known_labels import knows, share_right

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.inputs.photo_list import Photo


@dataclass(frozen=True)
class Teacher:
    """Which classes there are, and who says what a photo shows.

    Attributes:
        classes: names of the classes, in the order of an exit's scores.
        uses_labels: the photos' labels teach; else the network's own answers do.
        keeps_classifier: the network's own output has these classes and stays, as the deepest exit.
    """

    classes: tuple[str, ...]
    uses_labels: bool
    keeps_classifier: bool

    @property
    def unambiguous(self) -> tuple[str, ...]:
        """The classes whose name no other class has: a label that stands for two of them teaches neither."""
        return tuple(name for name in self.classes if self.classes.count(name) == 1)

    def targets(self, photos: Sequence[Photo], answers: np.ndarray) -> np.ndarray:
        """The probability of every class for every photo, shape (n, classes).

        Args:
            photos: all of them labelled with an unambiguous class where labels teach.
            answers: the network's own, shape (n, its classes).
        """
        if not self.uses_labels:
            return probabilities(answers)
        numbers = {name: number for number, name in enumerate(self.classes)}
        certain = np.zeros((len(photos), len(self.classes)), np.float32)
        certain[np.arange(len(photos)), [numbers[photo.label or ""] for photo in photos]] = 1
        return certain


def choose_teacher(photos: Sequence[Photo], answers: np.ndarray, known: Sequence[str]) -> Teacher:
    """Find out whether the photos are labelled, and whether with the network's own classes.

    They are where the network's classes are known by name and the labels are among them. Where there are as
    many labels as classes, the network is taken to know them in alphabetical order if it answers so more
    often than halfway from chance to always. Any other labels are classes that it has yet to learn.

    Args:
        photos: to train on.
        answers: the network's own, shape (n, its classes).
        known: what the network's classes are called.

    Raises:
        DataError: labels that teach nothing, because there is only one.
    """
    labels = tuple(sorted({photo.label for photo in photos if photo.label is not None}))
    if not labels:
        return Teacher(tuple(known), uses_labels=False, keeps_classifier=True)
    if len(labels) < 2:
        raise DataError(
            f"all photos are labelled {labels[0]!r}: put the photos of each class into a folder of its own, "
            "or all photos into one folder where nothing is known of them"
        )
    if set(labels) <= set(known):
        return Teacher(tuple(known), uses_labels=True, keeps_classifier=True)
    in_order = share_right(answers, [photo.label for photo in photos], labels)
    keeps_classifier = len(labels) == answers.shape[1] and knows(in_order, len(labels))
    return Teacher(labels, uses_labels=True, keeps_classifier=keeps_classifier)
