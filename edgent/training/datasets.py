"""The data sets: scikit-learn's digits, and CIFAR-10 in its binary version.

CIFAR-10 is read from ``$EDGENT_DATA_DIR/cifar-10-batches-bin``, the unpacked official archive (Krizhevsky,
"Learning multiple layers of features from tiny images", 2009): records of one label byte and 3072 pixels.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgent.errors import DataError

CIFAR10_FOLDER = "cifar-10-batches-bin"
_CIFAR10_RECORD_BYTES = 1 + 3 * 32 * 32
_CIFAR10_FILE_RECORDS = 10_000


@dataclass(frozen=True)
class Split:
    """Images and their labels.

    Attributes:
        images: uint8, shape (N, C, H, W).
        labels: int64, shape (N,).
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


def load_train_split(dataset: str) -> Split:
    """The images to train on, of ``digits`` or ``cifar10``.

    Raises:
        DataError: no such data set, or its files are missing or malformed.
    """
    if dataset == "digits":
        return _digits(held_out=False)
    if dataset == "cifar10":
        files = [f"data_batch_{i}.bin" for i in range(1, 6)]
        batches = [_cifar10_file(name) for name in files]
        return Split(
            np.concatenate([batch.images for batch in batches]),
            np.concatenate([batch.labels for batch in batches]),
        )
    raise _unknown(dataset)


def load_test_split(dataset: str) -> Split:
    """The held-out images, of ``digits`` or ``cifar10``.

    Raises:
        DataError: no such data set, or its files are missing or malformed.
    """
    if dataset == "digits":
        return _digits(held_out=True)
    if dataset == "cifar10":
        return _cifar10_file("test_batch.bin")
    raise _unknown(dataset)


def _unknown(dataset: str) -> DataError:
    return DataError(f"no data set {dataset!r}; there are 'digits' and 'cifar10'")


def _digits(*, held_out: bool) -> Split:
    """Every fifth of scikit-learn's 1797 digits is held out; 8x8 pixels of 0..16 become 28x28 of 0..255."""
    from sklearn.datasets import load_digits  # noqa: PLC0415  it takes a second to import, and CIFAR-10 has no need

    digits = load_digits()
    chosen = (np.arange(len(digits.target)) % 5 == 0) == held_out
    small = (digits.images[chosen] * (255 / 16)).round().astype(np.uint8)
    large = [
        np.asarray(Image.fromarray(image).resize((28, 28), Image.Resampling.BILINEAR)) for image in small
    ]
    return Split(np.stack(large)[:, None], digits.target[chosen].astype(np.int64))


def _cifar10_file(name: str) -> Split:
    folder = os.environ.get("EDGENT_DATA_DIR")
    if folder is None:
        raise DataError(
            f"CIFAR-10 is not here: set EDGENT_DATA_DIR to the folder that holds {CIFAR10_FOLDER}/, "
            "or run `make data` to fetch it"
        )
    path = Path(folder) / CIFAR10_FOLDER / name
    expected_bytes = _CIFAR10_RECORD_BYTES * _CIFAR10_FILE_RECORDS
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise DataError(f"cannot read {path} ({error.strerror}); `make data` fetches CIFAR-10") from error
    if size_bytes != expected_bytes:
        raise DataError(
            f"{path} has {size_bytes} bytes where CIFAR-10 has {expected_bytes}; "
            "run `make data` to fetch it again"
        )
    records = np.fromfile(path, dtype=np.uint8).reshape(_CIFAR10_FILE_RECORDS, _CIFAR10_RECORD_BYTES)
    labels = records[:, 0].astype(np.int64)
    if labels.max() > 9:
        raise DataError(f"{path} has a label {labels.max()} where CIFAR-10 has 0 to 9; it is not CIFAR-10")
    return Split(np.ascontiguousarray(records[:, 1:]).reshape(-1, 3, 32, 32), labels)
