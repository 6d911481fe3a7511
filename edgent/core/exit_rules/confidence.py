"""What every measure of confidence is: a number from 0 to 1 for each answer of a classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from edgent.core.probabilities import softmax
from edgent.errors import PluginError

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

_ROUNDING = 1e-3
_OWN = "edgent."
"""Modules of measures that tests hold to be from 0 to 1, so that a request need not look."""


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

    Raises:
        PluginError: the measure of another package does not give a number from 0 to 1 for each answer.
    """
    scores = answers.astype(np.float64)
    sums_to_one = np.abs(scores.sum(axis=1, keepdims=True) - 1) <= _ROUNDING
    are_probabilities = (scores >= 0).all(axis=1, keepdims=True) & sums_to_one
    with np.errstate(invalid="ignore"):
        probabilities = np.where(are_probabilities, scores, softmax(scores))
        sure = measure.of(probabilities)
    if not type(measure).__module__.startswith(_OWN):
        _check(measure, sure, probabilities)
    return sure


def _check(measure: Confidence, sure: object, probabilities: FloatArray) -> None:
    """Refuse what is no confidence: a rule that is found by it would let inputs leave without a reason."""
    kind = type(measure)
    name = f"measure of confidence {kind.__module__}.{kind.__qualname__}"
    count = len(probabilities)
    if not isinstance(sure, np.ndarray) or sure.shape != (count,):
        given = f"shape {sure.shape}" if isinstance(sure, np.ndarray) else repr(sure)[:60]
        raise PluginError(f"{name} gives {given} for {count} answers; it must give shape ({count},)")
    is_told = np.isfinite(probabilities).all(axis=1)
    is_confidence = (sure >= -10 * _ROUNDING) & (sure <= 1 + 10 * _ROUNDING)
    wrong = np.flatnonzero(is_told & ~is_confidence)
    if wrong.size:
        raise PluginError(f"{name} gives {sure[wrong[0]]:g} for an answer; it must give a number from 0 to 1")
