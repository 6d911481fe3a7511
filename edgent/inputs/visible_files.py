"""Which files of a folder hold inputs: those with a suffix of pictures or arrays that nothing hides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.errors import InputError
from edgent.inputs.contents import ARRAY_SUFFIXES, IMAGE_SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIXES = IMAGE_SUFFIXES | ARRAY_SUFFIXES


def visible(folder: Path) -> list[Path]:
    """What lies in a folder, in order, without what systems and programs hide there.

    Raises:
        InputError: the folder cannot be read.
    """
    try:
        return sorted(inner for inner in folder.iterdir() if not inner.name.startswith((".", "__")))
    except OSError as error:
        raise InputError(f"{folder}: this folder cannot be read: {error.strerror}") from None


def input_files(folder: Path) -> list[Path]:
    """The files of a folder that hold inputs, by their names.

    Raises:
        InputError: the folder cannot be read.
    """
    return [file for file in visible(folder) if is_input(file)]


def is_input(file: Path) -> bool:
    """Whether a file's suffix is one of pictures or arrays."""
    return file.suffix.lower() in _SUFFIXES
