"""Agreement: whether an input gets the class that the deepest exit gives it."""

from typing import Any

import numpy as np
import numpy.typing as npt


class Agreement:
    """1 where the highest number is at the same class."""

    summary = "share of inputs that get the class that the deepest exit gives them without loss"
    outputs = ("labels",)
    needs_labels = False

    def scores(self, answers: np.ndarray, wanted: np.ndarray) -> npt.NDArray[Any]:
        """1 for the same class, 0 for another one."""
        same: npt.NDArray[np.bool_] = answers.argmax(axis=1) == wanted.argmax(axis=1)
        return same
