"""Inputs from files: images, arrays, folders of these; a broken file is reported and left out."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.errors import InputError
from edgent.inputs.contents import read_contents
from edgent.inputs.folder import folder_files, left_out_folders
from edgent.inputs.tensor import to_tensor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from PIL.Image import Image

    from edgent.inputs.folder import FolderFile
    from edgent.spec import Pipeline


@dataclass(frozen=True)
class GivenInput:
    """An input as its file holds it, or what is wrong with the file.

    Attributes:
        name: file, behind the subfolder that it lies in, and place in it where there are several.
        content: bytes of an image file, an array, or a picture; None when there is an error.
        error: what is wrong with the file.
        expected: the label, where it is known.
    """

    name: str
    content: np.ndarray | bytes | Image | None
    error: str | None = None
    expected: str | None = None


@dataclass(frozen=True)
class NamedInput:
    """An input of the network, or what is wrong with its file.

    Attributes:
        name: file, behind the subfolder that it lies in, and place in it where there are several.
        tensor: shape (1, *input shape); None when there is an error.
        error: what is wrong with the file.
        expected: the label, where it is known.
    """

    name: str
    tensor: np.ndarray | None
    error: str | None = None
    expected: str | None = None


def given_inputs(path: Path, spec: Pipeline) -> Iterator[GivenInput]:
    """All inputs at a path, in the order of their files' names; a file is read when its input is asked for.

    Args:
        path: an image, a .npy or .npz file (one input, or several along the first axis of an array), or a
            folder of these; what lies in a subfolder that is named for a label has that label. Or a .csv file
            that lists files, see :mod:`edgent.inputs.photo_list`. Where no subfolder and no row has a
            label that is known, all are inputs without labels.
        spec: declares shape, element type and labels.

    Raises:
        InputError: no such path, or a folder with nothing to read in it.
    """
    files = folder_files(path, spec)
    is_read = [file for file in files if file.folder is None or file.label is not None]
    if not is_read:
        # No label is known: these are inputs without labels, as they are for `edgent evaluate`.
        return (item for file in files for item in _inputs_in(file, spec, None))
    read = (item for file in is_read for item in _inputs_in(file, spec, file.label))
    strangers = (GivenInput(name, None, reason) for name, reason in left_out_folders(files, spec))
    return itertools.chain(read, strangers)


def read_inputs(path: Path, spec: Pipeline) -> Iterator[NamedInput]:
    """Read all inputs at a path as tensors; see :func:`given_inputs`.

    Raises:
        InputError: no such path, or a folder with nothing to read in it.
    """
    for item in given_inputs(path, spec):
        if item.content is None:
            yield NamedInput(item.name, None, item.error, item.expected)
            continue
        try:
            yield NamedInput(item.name, to_tensor(item.content, spec), expected=item.expected)
        except InputError as error:
            yield NamedInput(item.name, None, str(error), item.expected)


def _inputs_in(file: FolderFile, spec: Pipeline, label: str | None) -> Iterator[GivenInput]:
    try:
        for item in read_contents(file.path, spec, file.name):
            yield GivenInput(item.name, item.content, expected=label)
    except InputError as error:
        yield GivenInput(file.name, None, str(error), label)
