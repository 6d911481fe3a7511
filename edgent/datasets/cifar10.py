"""CIFAR-10 in its binary version (Krizhevsky, "Learning multiple layers of features from tiny images", 2009).

It is read from ``$EDGENT_DATA_DIR/cifar-10-batches-bin``, the unpacked official archive: records of one label
byte and 3,072 pixels.
"""

import os
from pathlib import Path

import numpy as np

from edgent.datasets.dataset import Split
from edgent.errors import DataError

CIFAR10_FOLDER = "cifar-10-batches-bin"
_RECORD_BYTES = 1 + 3 * 32 * 32
_FILE_RECORDS = 10_000


class Cifar10:
    """Five files of 10,000 images to train on, and one that is held out."""

    def train(self) -> Split:
        """50,000 images."""
        batches = [_read(f"data_batch_{number}.bin") for number in range(1, 6)]
        return Split(
            np.concatenate([batch.images for batch in batches]),
            np.concatenate([batch.labels for batch in batches]),
        )

    def held_out(self) -> Split:
        """10,000 images."""
        return _read("test_batch.bin")


def _read(name: str) -> Split:
    folder = os.environ.get("EDGENT_DATA_DIR")
    if folder is None:
        raise DataError(
            f"CIFAR-10 is not here: set EDGENT_DATA_DIR to the folder that holds {CIFAR10_FOLDER}/, "
            "or run `edgent data` to fetch it"
        )
    path = Path(folder) / CIFAR10_FOLDER / name
    expected_bytes = _RECORD_BYTES * _FILE_RECORDS
    try:
        size_bytes = path.stat().st_size
        content = np.fromfile(path, dtype=np.uint8, count=expected_bytes)
    except OSError as error:
        raise DataError(f"cannot read {path} ({error.strerror}); `edgent data` fetches CIFAR-10") from error
    if size_bytes != expected_bytes:
        raise DataError(
            f"{path} has {size_bytes} bytes where CIFAR-10 has {expected_bytes}; "
            "run `edgent data` to fetch it again"
        )
    records = content.reshape(_FILE_RECORDS, _RECORD_BYTES)
    labels = records[:, 0].astype(np.int64)
    if labels.max() > 9:
        raise DataError(f"{path} has a label {labels.max()} where CIFAR-10 has 0 to 9; it is not CIFAR-10")
    return Split(np.ascontiguousarray(records[:, 1:]).reshape(len(records), 3, 32, 32), labels)
