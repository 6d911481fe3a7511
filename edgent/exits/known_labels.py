"""Whether a network knows the labels of photos already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def are_right(answers: np.ndarray, labels: Sequence[str | None], classes: Sequence[str]) -> np.ndarray:
    """Whether each photo that is labelled with a class is answered with it. Shape (n_known,), bool.

    Args:
        answers: scores, shape (n, classes).
        labels: of the photos, None where a photo has none.
        classes: the names of the network's classes.
    """
    numbers = {name: number for number, name in enumerate(classes)}
    known = [k for k, label in enumerate(labels) if label in numbers]
    truth = np.array([numbers[labels[k] or ""] for k in known], np.int64)
    right: np.ndarray = answers[np.array(known, np.int64)].argmax(axis=1) == truth
    return right


def share_right(answers: np.ndarray, labels: Sequence[str | None], classes: Sequence[str]) -> float:
    """Share of the photos labelled with a class that are answered with it, see `are_right`; 0 of none."""
    right = are_right(answers, labels, classes)
    return float(right.mean()) if right.size else 0.0


def knows(share: float, classes: int) -> bool:
    """Whether so large a share of right answers is no chance: more than halfway from chance to always."""
    return share > (1 + 1 / classes) / 2
