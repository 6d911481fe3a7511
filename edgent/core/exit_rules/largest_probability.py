"""Confidence by the largest probability."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgent.core.exit_rules.confidence import FloatArray


class LargestProbability:
    """The probability of the class that is answered."""

    summary = "the largest probability"

    def of(self, probabilities: FloatArray) -> FloatArray:
        """1 where one class has all of the probability."""
        largest: FloatArray = probabilities.max(axis=1)
        return largest
