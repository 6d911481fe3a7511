"""What an ONNX file tells about a network, before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from onnx import TensorProto, parser, save

from edgent.errors import SpecError
from edgent.new_pipeline.given_network import GivenNetwork
from edgent.spec.input_section import LONGEST_SIDE, MOST_LABELS

if TYPE_CHECKING:
    from pathlib import Path


def _network(path: Path, sides: str, classes: int, dtype: int = TensorProto.FLOAT) -> Path:
    """One exit that scores so many classes: the same score for each of an input."""
    name = TensorProto.DataType.Name(dtype).lower()
    model = parser.parse_model(f"""
        <ir_version: 8, opset_import: ["" : 17]>
        net (float[n, {sides}] x) => ({name}[n, {classes}] y) <int64[2] wide = {{1, {classes}}}> {{
          flat = Flatten(x)
          mean = ReduceMean <axes = [1], keepdims = 1> (flat)
          scores = Tile(mean, wide)
          y = Cast <to = {dtype}> (scores) }}""")
    save(model, path)
    return path


@pytest.mark.parametrize("dtype", [TensorProto.FLOAT16, TensorProto.FLOAT, TensorProto.DOUBLE])
def test_scores_of_any_precision(tmp_path: Path, dtype: int) -> None:
    """They are of classes."""
    assert GivenNetwork.read(_network(tmp_path / "n.onnx", "8", 10, dtype)).classes == 10


def test_numbers_that_score_nothing(tmp_path: Path) -> None:
    """Whole numbers, and more of them than a spec has labels."""
    assert GivenNetwork.read(_network(tmp_path / "n.onnx", "8", 10, TensorProto.INT64)).classes is None
    assert GivenNetwork.read(_network(tmp_path / "n.onnx", "8", MOST_LABELS)).classes == MOST_LABELS
    assert GivenNetwork.read(_network(tmp_path / "n.onnx", "8", 10**9)).classes is None


@pytest.mark.parametrize("sides", [f"{LONGEST_SIDE + 1}", "4611686018427387904, 1", "1, 1, 1, 1, 1, 1, 1, 2"])
def test_an_input_that_no_spec_declares(tmp_path: Path, sides: str) -> None:
    """It is refused with the sides that are possible."""
    with pytest.raises(SpecError, match=r"inputs have at most 7 sides of up to 65,535 elements: export it"):
        GivenNetwork.read(_network(tmp_path / "n.onnx", sides, 10))
