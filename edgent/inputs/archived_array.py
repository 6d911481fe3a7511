"""Arrays of .npz archives: how large they are unpacked is known before memory is taken for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.lib.npyio import NpzFile

LARGEST_ARRAY_BYTES = 4 * 1024**3
"""A few kilobytes may say that they become more than that."""


def archived_array(archive: NpzFile, name: str) -> np.ndarray:
    """One of the arrays of an archive.

    Args:
        archive: opened without pickles.
        name: as `archive.files` has it.

    Raises:
        InputError: unpacked, it is larger than `LARGEST_ARRAY_BYTES`.
        KeyError: there is no such array.
    """
    assert archive.zip is not None, "it is open"
    stored = name if name in archive.zip.namelist() else f"{name}.npy"
    size_bytes = archive.zip.getinfo(stored).file_size
    if size_bytes > LARGEST_ARRAY_BYTES:
        raise InputError(
            f"array {name} takes {size_bytes:,} bytes unpacked, at most {LARGEST_ARRAY_BYTES:,} are read "
            "from an archive: write it as several arrays, or as a .npy file"
        )
    array: np.ndarray = archive[name]
    return array
