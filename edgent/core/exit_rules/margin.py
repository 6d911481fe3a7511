"""Confidence by the margin between the two most probable classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from edgent.core.exit_rules.confidence import FloatArray


class Margin:
    """The largest probability less the second largest."""

    summary = "the largest probability less the second largest"

    def of(self, probabilities: FloatArray) -> FloatArray:
        """1 where one class has all of the probability, 0 where two share the first place."""
        two = np.partition(probabilities, -2, axis=1)[:, -2:]
        margin: FloatArray = two[:, 1] - two[:, 0]
        return margin
