"""A picture as an input: opened, turned upright, resized, cropped and scaled, alike on device and edge."""

from __future__ import annotations

import io
import math
import warnings
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from edgent.errors import InputError

if TYPE_CHECKING:
    from edgent.core.preprocessing import Preprocessing, Resize, Steps

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_MOST_RESIZED = 64  # times the network's pixels; of a longer picture only what is kept is resized
_WIDEST_FILTER = 3  # pixels to either side that lanczos looks at
_PER_LEVEL = 257  # 65535 / 255: 16 bits to 8
LARGEST_DECODED_PIXELS = 128 * 1024 * 1024
"""Of a picture that is decoded: 512 MiB in Pillow. Those of a camera of 108 megapixels are smaller."""

# Pillow warns of its own, lower limit. Filters that a program sets itself come first.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning, append=True)
Image.preinit()  # the readers of the usual formats, which would else be loaded within the first request


def picture_from_bytes(
    content: bytes, preprocessing: Preprocessing, name: str, formats: tuple[str, ...] | None = None
) -> np.ndarray:
    """The input that the bytes of an image file become, shape (*input shape).

    Args:
        content: the file's.
        preprocessing: how pictures become inputs.
        name: of the network, for messages.
        formats: those that are tried, as Pillow names them; all that it knows when None.

    Raises:
        InputError: they are no image, or none that the network takes.
    """
    try:
        with Image.open(io.BytesIO(content), formats=formats) as image:
            if image.width * image.height > LARGEST_DECODED_PIXELS:
                raise _too_large(f"{image.width}x{image.height} pixels")
            return picture_from_image(image, preprocessing, name)
    except InputError:
        raise
    except Image.DecompressionBombError:  # Pillow refuses pictures of twice its limit, and does not give them
        raise _too_large(f"more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels") from None
    except UnidentifiedImageError:
        reason = "it is of no known format, or damaged" if content else "it is empty"
        raise InputError(f"no readable image: {reason}") from None
    except Exception as error:  # noqa: BLE001  Pillow's readers fail in too many ways to list
        raise InputError(f"no readable image: {error}") from None


def _too_large(pixels: str) -> InputError:
    return InputError(
        f"no readable image: {pixels}, and at most {LARGEST_DECODED_PIXELS:,} are decoded; make it smaller"
    )


def picture_from_image(image: Image.Image, preprocessing: Preprocessing, name: str) -> np.ndarray:
    """The input that a picture becomes, shape (*input shape).

    Raises:
        InputError: the network takes no such picture.
    """
    height, width, steps = preprocessing.height, preprocessing.width, preprocessing.steps
    upright = ImageOps.exif_transpose(image)
    if steps is None and upright.size != (width, height):
        raise InputError(
            f"{upright.width}x{upright.height} pixels; {name} takes {width}x{height}: to have pictures "
            "resized, write input.preprocessing into the spec, such as {resize: cover}"
        )
    fitted = _in_eight_bits(upright).convert(_MODES[preprocessing.channels])
    if steps is not None:
        fitted = _fitted(fitted, (width, height), steps, name)
    pixels = np.asarray(fitted).reshape(height, width, preprocessing.channels)
    if steps is not None:
        pixels = _scaled(pixels, steps, preprocessing.dtype)
    return pixels if preprocessing.layout == "HWC" else pixels.transpose(2, 0, 1)


def most_pixels(size: tuple[int, int], preprocessing: Preprocessing) -> int:
    """How many pixels a picture of (width, height) has on its way at most, whichever side is up."""
    steps, counts = preprocessing.steps, [math.prod(size)]
    if steps is not None:
        counts.append(math.prod(steps.box))
        kept = _MOST_RESIZED * preprocessing.height * preprocessing.width
        for turned in (size, size[::-1]) if steps.resize != "none" else ():
            resized = math.prod(_resized(turned, steps.box[::-1], steps.resize))
            counts.append(min(resized, kept) if steps.resize == "cover" else resized)
    return max(counts)


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


def _fitted(image: Image.Image, size: tuple[int, int], steps: Steps, name: str) -> Image.Image:
    """The picture in the network's (width, height).

    Raises:
        InputError: it is too small, or larger and not to be cropped.
    """
    box = steps.box[::-1]
    resized = _resized(image.size, box, steps.resize)
    width, height = box if steps.resize == "contain" else resized
    if (width, height) != size and (width < size[0] or height < size[1] or not steps.crop):
        raise InputError(
            f"{width}x{height} pixels; {name} takes {size[0]}x{size[1]}, and "
            f"input.preprocessing says resize: {steps.resize}, crop: {str(steps.crop).lower()}"
        )
    left, top = round((width - size[0]) / 2), round((height - size[1]) / 2)
    middle = (left, top, left + size[0], top + size[1])
    if steps.resize == "cover" and width * height > _MOST_RESIZED * size[0] * size[1]:
        return _part_resized(image, resized, middle, _RESAMPLING[steps.resample])
    if image.size != resized:
        image = image.resize(resized, _RESAMPLING[steps.resample])
    if steps.resize == "contain" and image.size != box:
        padded = Image.new(image.mode, box, (steps.pad,) * len(image.getbands()))
        padded.paste(image, ((box[0] - image.width) // 2, (box[1] - image.height) // 2))
        image = padded
    return image if image.size == size else image.crop(middle)


def _part_resized(
    image: Image.Image, resized: tuple[int, int], part: tuple[int, int, int, int], how: Image.Resampling
) -> Image.Image:
    """A part (left, top, right, bottom) of the resized picture, whose other pixels are not made.

    Of the picture itself only what the part is made of is looked at, so that places in it are small numbers.
    """
    across, down = image.width / resized[0], image.height / resized[1]
    exact = (part[0] * across, part[1] * down, part[2] * across, part[3] * down)
    beyond_x, beyond_y = (math.ceil(_WIDEST_FILTER * max(1.0, scale)) for scale in (across, down))
    left, top = max(0, math.floor(exact[0]) - beyond_x), max(0, math.floor(exact[1]) - beyond_y)
    right = min(image.width, math.ceil(exact[2]) + beyond_x)
    bottom = min(image.height, math.ceil(exact[3]) + beyond_y)
    near = image.crop((left, top, right, bottom))
    return near.resize(
        (part[2] - part[0], part[3] - part[1]),
        how,
        box=(
            exact[0] - left,
            exact[1] - top,
            min(exact[2] - left, near.width),
            min(exact[3] - top, near.height),
        ),
    )


def _resized(size: tuple[int, int], box: tuple[int, int], how: Resize) -> tuple[int, int]:
    """What a picture of (width, height) is resized to, so that it covers a box, lies in it, or fills it."""
    (width, height), (box_width, box_height) = size, box
    if how == "none":
        return size
    if how == "stretch":
        return box
    is_wide = width * box_height >= box_width * height  # wider than the box
    if is_wide == (how == "cover"):
        return max(1, width * box_height // height), box_height
    return box_width, max(1, height * box_width // width)


def _scaled(pixels: np.ndarray, steps: Steps, dtype: str) -> np.ndarray:
    """Pixels in the network's order of colours and element type: (pixel - mean) / scale."""
    if steps.is_bgr:
        pixels = pixels[:, :, ::-1]
    if dtype == "uint8":
        return pixels
    mean, scale = np.asarray(steps.mean, np.float32), np.asarray(steps.scale, np.float32)
    scaled: np.ndarray = (pixels.astype(np.float32) - mean) / scale
    return scaled.astype(dtype)
