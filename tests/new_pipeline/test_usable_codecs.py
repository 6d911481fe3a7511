"""Which codecs a new spec offers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edgent.graph.reading import read_branchy_graph
from edgent.graph.tensor import Tensor
from edgent.new_pipeline.usable_codecs import activation_codecs, input_codecs
from tests.networks import one_output

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("shape", "codecs"),
    [
        ((3, 16, 16), ("raw", "webp", "jpeg", "file")),
        ((16, 16, 1), ("raw", "webp", "jpeg", "file")),
        ((4, 16, 16), ("raw", "file")),
        ((3, 8, 17_000), ("raw", "jpeg", "file")),
    ],
)
def test_pictures_travel_in_formats_that_hold_them(shape: tuple[int, ...], codecs: tuple[str, ...]) -> None:
    """No format of pictures has four channels; WebP has no longer side than 16,383 pixels."""
    source = Tensor("pixels", shape, "uint8")
    assert input_codecs(source, takes_pictures=True, has_photos=True) == codecs


def test_files_are_offered_where_there_are_any() -> None:
    """Without photos their codec cannot be measured; arrays have no files at all."""
    source = Tensor("x", (3, 16, 16), "uint8")
    assert input_codecs(source, takes_pictures=True, has_photos=False) == ("raw", "webp", "jpeg")
    floats = replace(source, dtype="float32")
    assert input_codecs(floats, takes_pictures=False, has_photos=True) == ("raw",)


def test_only_floats_of_32_bits_are_quantised(tmp_path: Path) -> None:
    """Of a network of 16 bits no activation is; nor of one that has no cut inside."""
    paths = read_branchy_graph(one_output(tmp_path / "n.onnx")).paths
    assert activation_codecs(paths) == ("float32", "uint8")
    layers = tuple(replace(layer, output_dtype="float16") for layer in paths[0].layers)
    assert activation_codecs([replace(paths[0], layers=layers)]) == ("float32",)
    assert activation_codecs([replace(paths[0], layers=layers[:1])]) == ("float32",)
