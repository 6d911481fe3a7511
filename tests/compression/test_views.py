"""Views of pictures."""

from __future__ import annotations

import numpy as np
import pytest

from edgent.compression.views import VIEWS, VIEWS_ON_GPU, number_of_views, view_of
from edgent.spec.input_section import InputSection


@pytest.mark.parametrize(
    ("layout", "shape"), [("CHW", (3, 12, 16)), ("HWC", (12, 16, 3)), ("CHW", (1, 12, 16))]
)
def test_views_are_pictures_of_the_same_size(layout: str, shape: tuple[int, ...]) -> None:
    """The first is the picture, the second its mirror image, each later one another part of it."""
    section = InputSection.model_validate({"shape": shape, "layout": layout})
    picture = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    views = [view_of(picture, number, 7, section) for number in range(number_of_views(section))]
    assert len(views) == VIEWS
    assert {(view.shape, view.dtype) for view in views} == {(shape, np.dtype(np.uint8))}
    width = 2 if layout == "CHW" else 1
    assert np.array_equal(views[0], picture)
    assert np.array_equal(views[1], np.flip(picture, width))
    assert len({view.tobytes() for view in views}) == VIEWS
    assert np.array_equal(views[5], view_of(picture, 5, 7, section))
    assert not np.array_equal(views[5], view_of(picture, 5, 8, section))


def test_a_gpu_sees_more_views() -> None:
    """It comes round more often in the same time; what is no picture of bytes has no more views to give."""
    assert number_of_views(InputSection(shape=(3, 8, 8), dtype="uint8"), on_gpu=True) == VIEWS_ON_GPU > VIEWS
    assert number_of_views(InputSection(shape=(3, 8, 8), dtype="float32"), on_gpu=True) == 2
    assert number_of_views(InputSection(shape=(40,), dtype="float32"), on_gpu=True) == 1


def test_other_inputs() -> None:
    """Pictures of floats are only mirrored; what is no picture has no other view."""
    assert number_of_views(InputSection(shape=(3, 8, 8), dtype="float32")) == 2
    assert number_of_views(InputSection(shape=(40,), dtype="float32")) == 1
