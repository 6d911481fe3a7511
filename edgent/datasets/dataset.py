"""What a data set offers: one split to train on, and one that is held out."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Split:
    """Images, or other inputs, and their labels.

    Attributes:
        images: shape (N, *input shape); uint8 (N, C, H, W) in the known data sets.
        labels: int64, shape (N,).
    """

    images: np.ndarray
    labels: NDArray[np.int64]


@runtime_checkable
class Dataset(Protocol):
    """A data set; its images are loaded when they are asked for."""

    def train(self) -> Split:
        """The images to train on.

        Raises:
            DataError: files are missing or malformed.
        """

    def held_out(self) -> Split:
        """The images to measure on, none of which is trained on.

        Raises:
            DataError: files are missing or malformed.
        """
