"""An exit rule: leave at the first exit whose confidence is above its threshold."""

from __future__ import annotations

import math
from collections.abc import Mapping  # noqa: TC003  the dataclass's types are read
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.core.exit_rules.confidence import confidences
from edgent.core.exit_rules.registry import CONFIDENCES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from edgent.core.exit_rules.confidence import FloatArray

NEVER = math.inf
"""The threshold of an exit at which nothing leaves early."""


@dataclass(frozen=True)
class ExitRule:
    """When an input's way ends at an exit before the one that its plan stops at.

    Attributes:
        measure: name of the measure of confidence.
        thresholds: by exit; at an exit that is not among them nothing leaves early.

    >>> import numpy as np
    >>> rule = ExitRule("largest_probability", {"exit1": 0.9})
    >>> rule.leaves("exit1", np.array([[0.95, 0.05], [0.6, 0.4]]))
    array([ True, False])
    """

    measure: str
    thresholds: Mapping[str, float]

    def leaves(self, exit_name: str, answers: np.ndarray) -> npt.NDArray[np.bool_]:
        """Which inputs leave at an exit, given its answers. Shape (n,).

        Args:
            exit_name: the exit.
            answers: what it gives. Shape (n, classes).

        Raises:
            UnknownNameError: nobody declares the measure of confidence.
        """
        threshold = self.thresholds.get(exit_name, NEVER)
        leaves: npt.NDArray[np.bool_] = confidences(CONFIDENCES[self.measure], answers) > threshold
        return leaves


def leaves_at(confidence: FloatArray, thresholds: FloatArray) -> npt.NDArray[np.int64]:
    """The exit at which each input leaves, by its number; the last one takes all that come. Shape (n,).

    Args:
        confidence: of each exit on the way in each input, shallow to deep. Shape (exits, n).
        thresholds: of these exits, the last one's aside, which has none. Shape (exits,).
    """
    leaves = confidence > thresholds[:, None]
    leaves[-1] = True
    first: npt.NDArray[np.int64] = leaves.argmax(axis=0)
    return first
