"""Cosine similarity with the deepest exit's answer."""

from typing import Any

import numpy as np
import numpy.typing as npt

from edgent.accuracy.measures.vectors import equal, vectors


class Cosine:
    """The cosine of the angle between two answers, and 0 where it is negative or not defined."""

    summary = "mean cosine similarity with what the deepest exit gives without loss"
    outputs = ("labels", "tensor")
    needs_labels = False

    def scores(self, answers: np.ndarray, wanted: np.ndarray) -> npt.NDArray[Any]:
        """1 for the same direction, 0 for a right angle and beyond."""
        given, sought = vectors(answers), vectors(wanted)
        with np.errstate(all="ignore"):
            lengths = np.linalg.norm(given, axis=1) * np.linalg.norm(sought, axis=1)
            cosine = (given * sought).sum(axis=1) / lengths
        cosine = np.nan_to_num(cosine, nan=0.0, posinf=0.0, neginf=0.0).clip(0, 1)
        return np.where(equal(given, sought), 1.0, cosine)
