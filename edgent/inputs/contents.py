"""What a file holds: the bytes of an image, or the arrays of a .npy or .npz file."""

from __future__ import annotations

import logging
import re
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.errors import InputError
from edgent.inputs.archived_array import archived_array

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.spec import Pipeline

_LOG = logging.getLogger(__name__)
IMAGE_SUFFIXES = frozenset(
    f".{suffix}"
    for suffix in (
        *("avif", "bmp", "gif", "heic", "heif", "jfif", "jp2", "jpeg", "jpg", "pbm", "pgm", "png", "pnm"),
        *("ppm", "tga", "tif", "tiff", "webp"),
    )
)
ARRAY_SUFFIXES = frozenset({".npy", ".npz"})
LARGEST_IMAGE_BYTES = 1024**3
"""Larger files are refused before memory is taken for them."""
_PART_BYTES = 1 << 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Content:
    """One input as its file holds it.

    Attributes:
        name: the file's, and the place in it where it holds several.
        content: bytes of an image file, or an array of the input's rank.
    """

    name: str
    content: bytes | np.ndarray


def read_contents(file: Path, spec: Pipeline, name: str | None = None) -> Iterator[Content]:
    """Each input in a file, undecoded: one image, or the arrays, one or several along the first axis.

    Args:
        file: the file.
        spec: declares shape, element type and labels.
        name: what people call the file; its own name when None.

    Raises:
        InputError: the file cannot be read.
    """
    name = printable(file) if name is None else name
    if file.suffix.lower() not in ARRAY_SUFFIXES:
        yield Content(name, read_image(file))
        return
    for member, array in arrays_in(file):
        inputs = inputs_of(array, spec)
        for index in range(len(inputs)):
            place = "" if len(inputs) == 1 else f"[{index}]"
            yield Content(f"{name}{f':{member}' if member else ''}{place}", np.array(inputs[index]))


def read_image(file: Path) -> bytes:
    """The bytes of an image file.

    Raises:
        InputError: the file cannot be read, or is larger than images are.
    """
    try:
        there = file.stat()
        size_bytes = there.st_size
        if stat.S_ISFIFO(there.st_mode):
            _LOG.warning("%s is a named pipe: this waits until a program writes an image into it", file)
        if size_bytes <= LARGEST_IMAGE_BYTES:
            content = file.read_bytes() if stat.S_ISREG(there.st_mode) else _streamed(file)
            if len(content) <= LARGEST_IMAGE_BYTES:
                return content
            size_bytes = len(content)
    except OSError as error:
        raise InputError(f"no readable image: {error.strerror}") from None
    raise InputError(f"no readable image: {size_bytes:,} bytes, at most {LARGEST_IMAGE_BYTES:,} are read")


def _streamed(file: Path) -> bytes:
    """What a pipe or a device gives, which does not say how much that is; little more than the cap."""
    content = bytearray()
    with file.open("rb") as opened:
        while len(content) <= LARGEST_IMAGE_BYTES and (part := opened.read(_PART_BYTES)):
            content += part
    return bytes(content)


def inputs_of(array: np.ndarray, spec: Pipeline) -> np.ndarray:
    """The inputs that an array holds, along its first axis: several, or itself as the only one.

    Raises:
        InputError: it holds none.
    """
    inputs = array if array.ndim == len(spec.input.shape) + 1 else array[np.newaxis]
    if not len(inputs):
        raise InputError(f"an array of shape {list(array.shape)} holds no input")
    return inputs


def printable(file: Path) -> str:
    """The file's name in one line, also where its bytes are no text, or what a terminal would obey."""
    name = file.name.encode(errors="backslashreplace").decode()
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], name)


def arrays_in(file: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The arrays of a file, those of an archive with their names; never a pickle.

    Raises:
        InputError: they cannot be read.
    """
    with _readable():
        if file.suffix.lower() == ".npy":
            # Unlike np.load never an archive or a pickle.
            yield "", np.lib.format.open_memmap(file, mode="r")
            return
        with np.load(file, allow_pickle=False) as archive:
            for name in archive.files:
                yield name, archived_array(archive, name)


def array_of(file: Path, member: str) -> np.ndarray:
    """One of the arrays of a file.

    Raises:
        InputError: it cannot be read.
    """
    with _readable():
        if file.suffix.lower() == ".npy":
            return np.lib.format.open_memmap(file, mode="r")
        with np.load(file, allow_pickle=False) as archive:
            return archived_array(archive, member)


@contextmanager
def _readable() -> Iterator[None]:
    """Says what is wrong with an array, whatever that is."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  the header is Python text: it fails in too many ways to list
        raise InputError(f"no readable array: {error}") from None
