"""Photos that were not decoded here tell how old the device's belief is, for each format by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from device_runtime.carrying_out.preparation import Preparation
from edgent.core.photo import Photo
from edgent.inputs.picture import preprocessing_of
from edgent.planning.costs import MeanPhoto
from tests.photo_files import photo_bytes, steps

if TYPE_CHECKING:
    from edgent.network import Network

PROFILED_S, SLOW_S = 0.003, 0.028
MANY = 100


def test_one_slow_photo_is_not_believed_for_ever(tiny_network: Network) -> None:
    """Once files have gone up for some time, decoding is expected to take what the profile says again."""
    preprocessing = replace(preprocessing_of(tiny_network.spec), steps=steps())
    image = Image.fromarray(np.random.default_rng(7).integers(0, 256, (300, 400, 3), np.uint8))
    jpeg, png = (Photo(photo_bytes(image, kind), preprocessing) for kind in ("JPEG", "PNG"))
    now_s = iter([0.0, SLOW_S, 1.0, 1.0 + SLOW_S])
    preparation = Preparation(now_s.__next__, MeanPhoto(PROFILED_S, jpeg.work))
    for photo in (jpeg, png):
        preparation.prepare(replace(photo))
        assert preparation.expected_s(photo) == pytest.approx(SLOW_S)
    for _ in range(MANY):
        preparation.pass_by(jpeg)
        preparation.pass_by(jpeg.outline)
    assert preparation.expected_s(jpeg) == pytest.approx(PROFILED_S)
    assert preparation.expected_s(png) == pytest.approx(SLOW_S)


def test_a_format_that_was_never_decoded_gets_its_chance(tiny_network: Network) -> None:
    """It is believed to be as slow as others were, and its own files tell how old that belief is."""
    preprocessing = replace(preprocessing_of(tiny_network.spec), steps=steps())
    image = Image.fromarray(np.random.default_rng(7).integers(0, 256, (300, 400, 3), np.uint8))
    jpeg, png = (Photo(photo_bytes(image, kind), preprocessing) for kind in ("JPEG", "PNG"))
    preparation = Preparation(iter([0.0, SLOW_S]).__next__, MeanPhoto(PROFILED_S, jpeg.work))
    slow_s, profiled_s = (seconds * png.work / jpeg.work for seconds in (SLOW_S, PROFILED_S))
    preparation.prepare(replace(jpeg))
    assert preparation.expected_s(png) == pytest.approx(slow_s)
    for _ in range(MANY):
        preparation.pass_by(png)
    assert preparation.expected_s(png) == pytest.approx(profiled_s)
