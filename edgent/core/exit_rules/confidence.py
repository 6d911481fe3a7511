"""What every measure of confidence is: a number from 0 to 1 for each answer of a classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from edgent.core.probabilities import softmax

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

_ROUNDING = 1e-3


@runtime_checkable
class Confidence(Protocol):
    """How sure a classifier is of its answer."""

    @property
    def summary(self) -> str:
        """What it is, in a clause."""

    def of(self, probabilities: FloatArray) -> FloatArray:
        """The confidence in each answer, from 0 to 1. Shape (n,).

        Args:
            probabilities: of the classes. Shape (n, classes), two classes or more.
        """


def confidences(measure: Confidence, answers: np.ndarray) -> FloatArray:
    """The confidence in an exit's answers; not a number where an answer is none. Shape (n,).

    An answer that adds up to 1 with nothing below 0 is taken for probabilities, any other one for scores.
    Each answer is looked at by itself, so a batch gives what its inputs give one by one.

    Args:
        measure: of confidence.
        answers: what the exit gives. Shape (n, classes).
    """
    scores = answers.astype(np.float64)
    sums_to_one = np.abs(scores.sum(axis=1, keepdims=True) - 1) <= _ROUNDING
    are_probabilities = (scores >= 0).all(axis=1, keepdims=True) & sums_to_one
    with np.errstate(invalid="ignore"):
        return measure.of(np.where(are_probabilities, scores, softmax(scores)))
