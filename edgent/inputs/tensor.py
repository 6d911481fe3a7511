"""Whatever a caller gives as an input, as the tensor that the network takes."""

from __future__ import annotations

import itertools
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image

from edgent.core.photo import Photo
from edgent.core.picture import picture_from_image
from edgent.errors import InputError
from edgent.inputs.contents import read_contents
from edgent.inputs.picture import preprocessing_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from edgent.spec import Pipeline

Given: TypeAlias = "npt.ArrayLike | Image.Image | Photo | bytes | str | os.PathLike[str]"
"""An array, a Pillow image, a photo, the bytes of an image file, or the path of an image or of an array."""


def to_tensor(given: Given, spec: Pipeline) -> np.ndarray:
    """The tensor that the network takes, shape (1, *input shape).

    Args:
        given: an array is taken as it is; a picture is made an input as the spec says.
        spec: declares shape, element type, layout and preprocessing.

    Raises:
        InputError: it is no input of this network.
    """
    taken = to_input(given, spec)
    return taken.tensor if isinstance(taken, Photo) else taken


def to_input(given: Given, spec: Pipeline) -> np.ndarray | Photo:
    """An input as it is, where it is the file of a picture whose pixels are not wanted yet, or its tensor.

    Raises:
        InputError: it is no input of this network, or no readable file.
    """
    if isinstance(given, Photo):
        return given
    if isinstance(given, np.ndarray):
        return check_input(given, spec)
    if isinstance(given, Image.Image):
        picture = picture_from_image(given, preprocessing_of(spec), spec.name)
        return np.ascontiguousarray(picture[np.newaxis])
    if isinstance(given, (bytes, bytearray, memoryview)):
        return Photo(bytes(given), preprocessing_of(spec), spec.name)
    if isinstance(given, (str, os.PathLike)):
        return _only_input(Path(given), spec)
    try:
        array = np.asarray(given)
    except ValueError:  # rows of different lengths
        array = np.array(given, dtype=object)
    if array.dtype == object:
        kind = "None" if given is None else f"a {type(given).__name__} that is no array of numbers"
        raise InputError(
            f"{kind} is no input: {spec.name} takes an array of {spec.input.dtype} and shape "
            f"{list(spec.input.shape)}, a Pillow image, a Photo, the bytes of an image file, or a path"
        )
    return check_input(array, spec)


def _only_input(file: Path, spec: Pipeline) -> np.ndarray | Photo:
    """The input that a file holds.

    Raises:
        InputError: it holds none, several, or another kind.
    """
    try:
        held = list(itertools.islice(read_contents(file, spec), 2))
        if len(held) == 1:
            taken = to_input(held[0].content, spec)
            return replace(taken, file=str(file)) if isinstance(taken, Photo) else taken
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    raise InputError(
        f"{file} holds {'several inputs' if held else 'no input'}: give its arrays one at a time"
    )


def check_input(array: np.ndarray, spec: Pipeline) -> np.ndarray:
    """Check an input, and put the axis of the batch in front.

    Args:
        array: shape (*input shape) or (1, *input shape).
        spec: declares shape and element type.

    Raises:
        InputError: another shape or element type.
    """
    taken = spec.input
    tensor = array if array.ndim == len(taken.shape) + 1 else array[np.newaxis]
    if tensor.shape != (1, *taken.shape):
        raise InputError(f"shape {list(array.shape)}; {spec.name} takes {list(taken.shape)}")
    if tensor.dtype != taken.dtype:
        raise InputError(f"element type {array.dtype}; {spec.name} takes {taken.dtype}")
    return np.ascontiguousarray(tensor)
