"""Answers of any shape and element type as vectors."""

import numpy as np
import numpy.typing as npt


def vectors(answers: np.ndarray) -> npt.NDArray[np.float64]:
    """One row for each answer."""
    return answers.reshape(len(answers), -1).astype(np.float64)


def equal(given: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Which rows are the same throughout; what is no number is like itself."""
    same: npt.NDArray[np.bool_] = ((given == wanted) | (np.isnan(given) & np.isnan(wanted))).all(axis=1)
    return same
