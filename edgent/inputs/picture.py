"""How a spec's pictures become inputs, for :mod:`edgent.core.picture`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from edgent.core.preprocessing import DTYPES, Preprocessing, Steps
from edgent.errors import InputError

if TYPE_CHECKING:
    from edgent.spec import Pipeline
    from edgent.spec.input_section import InputSection, PreprocessingSection


def preprocessing_of(spec: Pipeline) -> Preprocessing:
    """What a spec's pictures become, and how.

    Raises:
        InputError: its network takes none.
    """
    taken, picture = spec.input, spec.input.picture_shape
    if picture is None or taken.dtype not in DTYPES:
        raise InputError(
            f"{spec.name} takes {taken.dtype} of shape {list(taken.shape)} ({taken.layout}), no images: "
            "give a .npy array"
        )
    if taken.dtype != "uint8" and taken.preprocessing is None:
        raise InputError(
            f"{spec.name} takes {taken.dtype}, and nothing says how pixels become that: give a .npy array, "
            "or write input.preprocessing into the spec, such as {resize: cover, mean: 0, scale: 255}"
        )
    return _preprocessing(taken, picture)


@lru_cache
def _preprocessing(taken: InputSection, picture: tuple[int, int, int]) -> Preprocessing:
    steps = None if taken.preprocessing is None else _steps(taken.preprocessing, *picture)
    return Preprocessing(*picture, taken.dtype, taken.layout, steps)


def _steps(said: PreprocessingSection, channels: int, height: int, width: int) -> Steps:
    box = (said.size, said.size) if isinstance(said.size, int) else said.size
    return Steps(
        said.resize,
        box or (height, width),
        said.crop,
        said.resample,
        said.pad,
        said.colour_order == "BGR",
        said.mean if isinstance(said.mean, tuple) else (said.mean,) * channels,
        said.scale if isinstance(said.scale, tuple) else (said.scale,) * channels,
    )
