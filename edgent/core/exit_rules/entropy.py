"""Confidence by entropy, as in BranchyNet (Teerapittayanon, McDanel, Kung 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from edgent.core.exit_rules.confidence import FloatArray


class Entropy:
    """1 less the entropy of the probabilities over the largest that it can be.

    BranchyNet leaves where the entropy is below a threshold, this where 1 less its share is above one: the
    same order of answers, on a scale that does not depend on the number of classes.
    """

    summary = "1 less the entropy of the probabilities, over the largest that it can be"

    def of(self, probabilities: FloatArray) -> FloatArray:
        """1 where one class has all of the probability, 0 where all have the same."""
        logarithms = np.log(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
        confidence: FloatArray = 1.0 + (probabilities * logarithms).sum(axis=1) / np.log(
            probabilities.shape[1]
        )
        return confidence
