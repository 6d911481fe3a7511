"""Accuracy: whether an input gets its label."""

from typing import Any

import numpy as np
import numpy.typing as npt


class Accuracy:
    """1 where the highest number is that of the input's class."""

    summary = "share of inputs that get their label"
    outputs = ("labels",)
    needs_labels = True

    def scores(self, answers: np.ndarray, wanted: np.ndarray) -> npt.NDArray[Any]:
        """1 for a right answer, 0 for a wrong one."""
        right: npt.NDArray[np.bool_] = answers.argmax(axis=1) == wanted
        return right
