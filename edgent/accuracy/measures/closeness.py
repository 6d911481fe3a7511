"""Closeness to the deepest exit's answer: 1 less the relative error."""

from typing import Any

import numpy as np
import numpy.typing as npt

from edgent.accuracy.measures.vectors import equal, vectors


class Closeness:
    """1 - ||answer - wanted|| / ||wanted||, and 0 where that is negative or not defined.

    Other than the cosine it sees a wrong scale, and it has a meaning for a single number.
    """

    summary = "1 less the mean relative error against what the deepest exit gives without loss"
    outputs = ("labels", "tensor")
    needs_labels = False

    def scores(self, answers: np.ndarray, wanted: np.ndarray) -> npt.NDArray[Any]:
        """1 for the same answer, 0 for one that is wrong by as much as it is large."""
        given, sought = vectors(answers), vectors(wanted)
        with np.errstate(all="ignore"):
            error = np.linalg.norm(given - sought, axis=1) / np.linalg.norm(sought, axis=1)
        closeness = 1.0 - np.nan_to_num(error, nan=1.0, posinf=1.0).clip(0, 1)
        return np.where(equal(given, sought), 1.0, closeness)
