"""What a network takes: shape, element type, layout, and how a picture becomes that."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from edgent.core.preprocessing import CHANNELS, DTYPES, Layout, Resample, Resize
from edgent.spec.section import Section

Dtype = Literal[
    "uint8",
    "float32",
    "float16",
    "float64",
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint16",
    "uint32",
    "uint64",
]
LONGEST_SIDE, MOST_SIDES = 65_535, 7
"""Elements along a side of an input, and number of its sides without the batch."""
MOST_LABELS = 100_000
Side = Annotated[int, Field(ge=1, le=LONGEST_SIDE)]
Pixel = Annotated[float, Field(ge=0, le=255)]
Divisor = Annotated[float, Field(ge=1, allow_inf_nan=False)]


class PreprocessingSection(Section):
    """How a picture of any size becomes an input; EXIF orientation is honoured first."""

    resize: Resize = Field(
        default="cover",
        description="cover: the least size that covers `size`; contain: the largest that fits into it, "
        "padded; stretch: exactly `size`, whatever the picture's sides; none: as it is",
    )
    size: Side | tuple[Side, Side] | None = Field(
        default=None,
        description="pixels that a picture is resized to, one number or [height, width]; the network's by "
        "default, at least these",
    )
    crop: bool = Field(
        default=True,
        description="cut the network's height and width out of the middle; false: refuse what is larger",
    )
    resample: Resample = Field(default="bilinear", description="how pixels are interpolated")
    pad: Annotated[int, Field(ge=0, le=255)] = Field(
        default=0, description="pixel value beside a picture that `contain` leaves too small"
    )
    colour_order: Literal["RGB", "BGR"] = Field(default="RGB", description="order of the network's channels")
    mean: Pixel | tuple[Pixel, ...] = Field(
        default=0.0,
        description="floats only: subtracted from pixels of 0 to 255; one number, or one for each channel",
    )
    scale: Divisor | tuple[Divisor, ...] = Field(
        default=1.0,
        description="floats only: what pixels are then divided by; one number, or one for each channel",
    )


class InputSection(Section):
    """What the network takes and what its classes are called."""

    shape: tuple[Side, ...] = Field(
        min_length=1, max_length=MOST_SIDES, description="shape of one input, without the batch"
    )
    dtype: Dtype = Field(default="uint8", description="element type of the graph's input")
    layout: Layout = Field(
        default="CHW", description="order of a picture's channels, height and width in the shape"
    )
    preprocessing: PreprocessingSection | None = Field(
        default=None,
        description="how the device makes inputs of pictures; without it, only pictures of the network's own "
        "size are taken, and only as uint8",
    )
    labels: tuple[str, ...] = Field(
        default=(), max_length=MOST_LABELS, description="names of the classes, as they are written"
    )
    labels_file: str | None = Field(
        default=None, min_length=1, description="text file of the names of the classes, one on each line"
    )
    samples: str | None = Field(default=None, description="folder of inputs that the device runs by default")

    @property
    def picture_shape(self) -> tuple[int, int, int] | None:
        """(channels, height, width) of the pictures that can become inputs; None where none can."""
        if len(self.shape) != 3:
            return None
        first, second, third = self.shape
        channels, height, width = (first, second, third) if self.layout == "CHW" else (third, first, second)
        return (channels, height, width) if channels in CHANNELS else None

    @model_validator(mode="after")
    def _pictures_can_become_inputs(self) -> "InputSection":
        """Refuse a preprocessing that cannot lead to this shape and element type."""
        steps, picture = self.preprocessing, self.picture_shape
        if steps is None:
            return self
        if picture is None or self.dtype not in DTYPES:
            raise ValueError(
                f"preprocessing: it makes pictures, and {self.dtype} of shape {list(self.shape)} "
                f"({self.layout}) is none: "
                f"pictures have 1, 3 or 4 channels and are {', '.join(DTYPES)}"
            )
        channels, height, width = picture
        if steps.size is not None:
            box = (steps.size, steps.size) if isinstance(steps.size, int) else steps.size
            if steps.resize == "none":
                raise ValueError("preprocessing.size: it has no meaning with resize: none; leave it out")
            if box[0] < height or box[1] < width or (box != (height, width) and not steps.crop):
                raise ValueError(
                    f"preprocessing.size: {box[0]}x{box[1]} (height x width) does not lead to "
                    f"{height}x{width}; give at least that, and crop: true where it is more"
                )
        if steps.colour_order == "BGR" and channels != 3:
            raise ValueError(f"preprocessing.colour_order: BGR orders 3 channels, not {channels}")
        _check_values("mean", steps.mean, channels, self.dtype, 0.0)
        _check_values("scale", steps.scale, channels, self.dtype, 1.0)
        means = steps.mean if isinstance(steps.mean, tuple) else (steps.mean,)
        if any(0 < mean < 1 for mean in means):
            raise ValueError(
                f"preprocessing.mean: {steps.mean} must be in units of pixels, 0 to 255: multiply it by 255, "
                "and the standard deviation, which is preprocessing.scale, too"
            )
        return self


def _check_values(
    key: str, values: float | tuple[float, ...], channels: int, dtype: str, neutral: float
) -> None:
    if isinstance(values, tuple) and len(values) != channels:
        raise ValueError(
            f"preprocessing.{key}: {len(values)} numbers for {channels} channels; give one, or one for each"
        )
    if dtype == "uint8" and values != neutral:
        raise ValueError(
            f"preprocessing.{key}: it makes floats, and this network takes uint8: pixels travel as they are"
        )
