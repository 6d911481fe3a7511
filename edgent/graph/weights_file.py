"""The weights of a network in the cache: one file, to which the graphs of all its segments refer.

The file begins with the digest of what follows, so a damaged one is known without any other file. Reading it
costs a warm start what reading the model costs: half a second for a gigabyte where the processor has
instructions for SHA-256.
"""

from __future__ import annotations

import hashlib
import mmap
from typing import TYPE_CHECKING

from edgent.errors import ModelError
from edgent.graph.cache import write_whole
from edgent.graph.locations import locations

if TYPE_CHECKING:
    from pathlib import Path

LOCATION = "weights-1.bin"  # raise the number when the layout changes: offsets in segments depend on it
DIGEST_BYTES = 64  # SHA-256 in hexadecimal


class WeightsFile:
    """The weights file in a model's folder of the cache."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCATION
        self._good: tuple[int, ...] | None = None

    def is_good(self) -> bool:
        """Whether it is there and undamaged; it is read once, and again when it was changed since."""
        try:
            if self.path.is_symlink():  # onnxruntime follows none
                return False
            status = self.path.stat()
            now = (status.st_ino, status.st_size, status.st_mtime_ns)
            if now != self._good:
                self._good = now if _is_undamaged(self.path) else None
        except (OSError, ValueError):  # the latter: an empty file cannot be mapped
            return False
        return now == self._good

    def write(self, content: bytearray) -> None:
        """Write it whole or not at all.

        Args:
            content: room for the digest, which is filled in, and the weights.

        Raises:
            ModelError: it cannot be written.
        """
        content[:DIGEST_BYTES] = _digest(content)
        write_whole(self.path, content)

    def map(self) -> mmap.mmap:
        """The file in memory, digest and all.

        Raises:
            ModelError: it cannot be read.
        """
        try:
            return _map(self.path)
        except (OSError, ValueError) as error:
            raise ModelError(f"cannot read the cache {self.path}: {error}; start again") from None


def names_no_other_file(segment: bytes) -> bool:
    """Whether a segment's weights lie in itself and in the weights file beside it, and nowhere else."""
    try:
        return locations(segment) <= {LOCATION}
    except ValueError:
        return False


def _is_undamaged(path: Path) -> bool:
    with _map(path) as content:
        return _digest(content) == content[:DIGEST_BYTES]


def _digest(content: bytearray | mmap.mmap) -> bytes:
    with memoryview(content) as whole, whole[DIGEST_BYTES:] as weights:
        return hashlib.sha256(weights).hexdigest().encode()


def _map(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
