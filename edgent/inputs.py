"""Inputs from files: an image, a folder of images, an array; a broken file is reported and left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, UnidentifiedImageError

from edgent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.spec import Pipeline

_IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"}
_ARRAY_SUFFIX = ".npy"
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


@dataclass(frozen=True)
class NamedInput:
    """An input of the network, or what is wrong with its file.

    Attributes:
        name: file, and place in it where there are several.
        tensor: shape (1, *input shape); None when there is an error.
        error: what is wrong with the file.
        expected: the label, where it is known.
    """

    name: str
    tensor: np.ndarray | None
    error: str | None = None
    expected: str | None = None


def read_inputs(path: Path, spec: Pipeline) -> Iterator[NamedInput]:
    """Read all inputs at a path, in the order of their names.

    Args:
        path: an image, a .npy array (one input, or several along the first axis), or a folder of these; what
            lies in a subfolder that is named for a label has that label.
        spec: declares shape, element type and labels.

    Raises:
        InputError: no such path, or a folder with nothing to read in it.
    """
    if path.is_dir():
        folders = [path, *(path / label for label in spec.input.labels if _is_folder_name(label))]
        suffixes = _IMAGE_SUFFIXES | {_ARRAY_SUFFIX}
        files = [
            file
            for folder in folders
            if folder.is_dir()
            for file in sorted(folder.iterdir())
            if file.suffix.lower() in suffixes
        ]
        if not files:
            raise InputError(
                f"{path}: this folder holds no image ({', '.join(sorted(_IMAGE_SUFFIXES))}) and no .npy array"
            )
    elif path.exists():
        files = [path]
    else:
        raise InputError(f"{path}: no such file or folder; name an image, a .npy array or a folder of these")
    for file in files:
        expected = file.parent.name if file.parent != path else None
        try:
            for name, tensor in _read_file(file, spec):
                yield NamedInput(name, tensor, expected=expected)
        except InputError as error:
            yield NamedInput(_printable(file), None, str(error), expected)


def _is_folder_name(label: str) -> bool:
    return label not in {"", ".", ".."} and not set(label) & set("/\\\0")


def _read_file(file: Path, spec: Pipeline) -> Iterator[tuple[str, np.ndarray]]:
    """Name and tensor of each input in a file."""
    if file.suffix.lower() == _ARRAY_SUFFIX:
        array = _read_array(file)
        inputs = array if array.ndim == len(spec.input.shape) + 1 else array[np.newaxis]
        if not len(inputs):
            raise InputError(f"an array of shape {list(array.shape)} holds no input")
        for index in range(len(inputs)):
            name = _printable(file) if len(inputs) == 1 else f"{_printable(file)}[{index}]"
            yield name, check_input(np.array(inputs[index]), spec)
    else:
        yield _printable(file), check_input(_read_image(file, spec), spec)


def _printable(file: Path) -> str:
    """The file's name, also where its bytes are no text."""
    return file.name.encode(errors="backslashreplace").decode()


def check_input(array: np.ndarray, spec: Pipeline) -> np.ndarray:
    """Check an input, and put the axis of the batch in front.

    Args:
        array: shape (*input shape) or (1, *input shape).
        spec: declares shape and element type.

    Raises:
        InputError: another shape or element type.
    """
    tensor = array if array.ndim == len(spec.input.shape) + 1 else array[np.newaxis]
    if tensor.shape != (1, *spec.input.shape):
        raise InputError(f"shape {list(array.shape)}; {spec.name} takes {list(spec.input.shape)}")
    if tensor.dtype != spec.input.dtype:
        raise InputError(f"element type {array.dtype}; {spec.name} takes {spec.input.dtype}")
    return np.ascontiguousarray(tensor)


def _read_array(file: Path) -> np.ndarray:
    try:
        # Unlike np.load never an archive or a pickle.
        array: np.ndarray = np.lib.format.open_memmap(file, mode="r")
    except Exception as error:  # noqa: BLE001  the header is Python text: it fails in too many ways to list
        raise InputError(f"no readable array: {error}") from None
    return array


def _read_image(file: Path, spec: Pipeline) -> np.ndarray:
    shape = spec.input.shape
    mode = _MODES.get(shape[0]) if len(shape) == 3 else None
    if mode is None or spec.input.dtype != "uint8":
        raise InputError(
            f"{spec.name} takes {spec.input.dtype} of shape {list(shape)}, no images: give a .npy array"
        )
    try:
        with Image.open(file) as image:
            if image.size != (shape[2], shape[1]):
                width, height = image.size
                raise InputError(f"{width}x{height} pixels; {spec.name} takes {shape[2]}x{shape[1]}")
            pixels = np.asarray(image.convert(mode))
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"no readable image: {error}") from None
    return pixels[np.newaxis] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
