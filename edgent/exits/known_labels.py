"""Whether a network knows the labels of photos already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def share_right(answers: np.ndarray, labels: Sequence[str | None], classes: Sequence[str]) -> float:
    """Share of the photos labelled with a class that are answered with it; 0 where none is.

    Args:
        answers: scores, shape (n, classes).
        labels: of the photos, None where a photo has none.
        classes: the names of the network's classes.
    """
    numbers = {name: number for number, name in enumerate(classes)}
    known = [k for k, label in enumerate(labels) if label in numbers]
    if not known:
        return 0.0
    truth = np.array([numbers[labels[k] or ""] for k in known])
    return float((answers[known].argmax(axis=1) == truth).mean())


def knows(share: float, classes: int) -> bool:
    """Whether so large a share of right answers is no chance: more than halfway from chance to always."""
    return share > (1 + 1 / classes) / 2
