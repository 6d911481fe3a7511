"""A picture as an input: opened, turned upright, resized, cropped and scaled as the spec says."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from edgent.errors import InputError
from edgent.spec.input_section import PICTURE_DTYPES

if TYPE_CHECKING:
    from edgent.spec import Pipeline
    from edgent.spec.input_section import PreprocessingSection

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_PER_LEVEL = 257  # 65535 / 255: 16 bits to 8

Image.preinit()  # the readers of the usual formats, which would else be loaded within the first request


def picture_from_bytes(content: bytes, spec: Pipeline) -> np.ndarray:
    """The input that the bytes of an image file become, shape (*input shape).

    Raises:
        InputError: they are no image, or none that the network takes.
    """
    _check_takes_pictures(spec)
    try:
        with Image.open(io.BytesIO(content)) as image:
            return picture_from_image(image, spec)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  Pillow's readers fail in too many ways to list
        raise InputError(f"no readable image: {error}") from None


def picture_from_image(image: Image.Image, spec: Pipeline) -> np.ndarray:
    """The input that a picture becomes, shape (*input shape).

    Raises:
        InputError: the network takes no such picture.
    """
    channels, height, width = _check_takes_pictures(spec)
    steps = spec.input.preprocessing
    upright = ImageOps.exif_transpose(image)
    if steps is None and upright.size != (width, height):
        raise InputError(
            f"{upright.width}x{upright.height} pixels; {spec.name} takes {width}x{height}: to have pictures "
            "resized, write input.preprocessing into the spec, such as {resize: cover}"
        )
    fitted = _in_eight_bits(upright).convert(_MODES[channels])
    if steps is not None:
        fitted = _fitted(fitted, (width, height), steps, spec.name)
    pixels = np.asarray(fitted).reshape(height, width, channels)
    if steps is not None:
        pixels = _scaled(pixels, steps, spec.input.dtype)
    return pixels if spec.input.layout == "HWC" else pixels.transpose(2, 0, 1)


def _check_takes_pictures(spec: Pipeline) -> tuple[int, int, int]:
    """(channels, height, width) of the network's pictures.

    Raises:
        InputError: it takes none.
    """
    taken, picture = spec.input, spec.input.picture_shape
    if picture is None or taken.dtype not in PICTURE_DTYPES:
        raise InputError(
            f"{spec.name} takes {taken.dtype} of shape {list(taken.shape)} ({taken.layout}), no images: "
            "give a .npy array"
        )
    if taken.dtype != "uint8" and taken.preprocessing is None:
        raise InputError(
            f"{spec.name} takes {taken.dtype}, and nothing says how pixels become that: give a .npy array, "
            "or write input.preprocessing into the spec, such as {resize: cover, mean: 0, scale: 255}"
        )
    return picture


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """The picture with 8 bits a channel; Pillow would clip 16 bits of grey.

    Raises:
        InputError: the range of its values is not known.
    """
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        levels = np.asarray(image).astype(np.float32) / _PER_LEVEL
        return Image.fromarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8))
    if image.mode in {"I", "F"}:
        raise InputError(
            f"32-bit grey pixels (Pillow's mode {image.mode}), whose range is not known: save it with 8 or "
            "16 bits a pixel, or give a .npy array"
        )
    return image


def _fitted(image: Image.Image, size: tuple[int, int], steps: PreprocessingSection, name: str) -> Image.Image:
    """The picture in the network's (width, height).

    Raises:
        InputError: it is too small, or larger and not to be cropped.
    """
    box = size
    if steps.size is not None:
        box = (steps.size, steps.size) if isinstance(steps.size, int) else (steps.size[1], steps.size[0])
    if steps.resize != "none":
        wanted = _resized(image.size, box, steps.resize)
        if image.size != wanted:
            image = image.resize(wanted, _RESAMPLING[steps.resample])
    if steps.resize == "contain" and image.size != box:
        padded = Image.new(image.mode, box, (steps.pad,) * len(image.getbands()))
        padded.paste(image, ((box[0] - image.width) // 2, (box[1] - image.height) // 2))
        image = padded
    if image.size == size:
        return image
    if image.width < size[0] or image.height < size[1] or not steps.crop:
        raise InputError(
            f"{image.width}x{image.height} pixels; {name} takes {size[0]}x{size[1]}, and "
            f"input.preprocessing says resize: {steps.resize}, crop: {str(steps.crop).lower()}"
        )
    left, top = round((image.width - size[0]) / 2), round((image.height - size[1]) / 2)
    return image.crop((left, top, left + size[0], top + size[1]))


def _resized(size: tuple[int, int], box: tuple[int, int], how: str) -> tuple[int, int]:
    """What a picture of (width, height) is resized to, so that it covers a box, lies in it, or fills it."""
    (width, height), (box_width, box_height) = size, box
    if how == "stretch":
        return box
    is_wide = width * box_height >= box_width * height  # wider than the box
    if is_wide == (how == "cover"):
        return max(1, width * box_height // height), box_height
    return box_width, max(1, height * box_width // width)


def _scaled(pixels: np.ndarray, steps: PreprocessingSection, dtype: str) -> np.ndarray:
    """Pixels in the network's order of colours and element type: (pixel - mean) / scale."""
    if steps.colour_order == "BGR":
        pixels = pixels[:, :, ::-1]
    if dtype == "uint8":
        return pixels
    mean, scale = np.asarray(steps.mean, np.float32), np.asarray(steps.scale, np.float32)
    scaled: np.ndarray = (pixels.astype(np.float32) - mean) / scale
    return scaled.astype(dtype)
