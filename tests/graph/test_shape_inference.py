"""Shapes are inferred without taking memory for what a file only claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import onnx
import pytest

from edgent.graph.shape_inference import infer_shapes

if TYPE_CHECKING:
    from collections.abc import Callable

LENGTH = 2_000_000  # each of these took 140 MB
MAKERS = {
    "Tile": "long = Tile(one, length)",
    "Expand": "long = Expand(one, length)",
    "ConstantOfShape": "long = ConstantOfShape(length)",
    "Range": """
        number = Squeeze(length)
        step = Squeeze(one)
        zero = Sub(step, step)
        long = Range(zero, number, step)""",
    "a length that is computed": """
        twice = Add(length, length)
        long = Expand(one, twice)""",
    "a length that is read": """
        sides = Shape(x)
        batch = Slice(sides, zeros, one)
        scaled = Mul(batch, length)
        long = Expand(one, scaled)""",
    "a function": "long = own.first(one, length, zeros, two)",
    "a matrix without its sides of one": """
        sides = Concat <axis = 0> (one, length)
        wide = Expand(one, sides)
        long = Squeeze(wide)""",
}


@pytest.fixture
def propagated(monkeypatch: pytest.MonkeyPatch) -> list[onnx.ModelProto]:
    """The networks through which ONNX has propagated values."""
    models: list[onnx.ModelProto] = []
    real: Callable[..., onnx.ModelProto] = onnx.shape_inference.infer_shapes

    def infer(model: onnx.ModelProto, **options: Any) -> onnx.ModelProto:
        inferred = real(model, **options)
        if options.get("data_prop"):
            models.append(inferred)
        return inferred

    monkeypatch.setattr(onnx.shape_inference, "infer_shapes", infer)
    return models


@pytest.mark.parametrize("name", MAKERS)
def test_no_long_vector_is_propagated(propagated: list[onnx.ModelProto], name: str) -> None:
    """However its length comes about; what the file states stands where inference cannot tell."""
    model = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["" : 17, "own" : 1]>
        net (float[n, 4] x) => (float[n, 4] y)
        <int64[1] one = {{1}}, int64[1] zeros = {{0}}, int64[1] two = {{2}},
         int64[1] length = {{{LENGTH}}}> {{
          {MAKERS[name]}
          part = Slice(long, zeros, two)
          y = Reshape(x, part) }}
        <domain: "own", opset_import: ["" : 17]>
        first (one, length, zeros, two) => (out) {{
          wide = Expand(one, length)
          out = Slice(wide, zeros, two) }}""")
    assert infer_shapes(model, 3)["y"].dims == (3, 4)
    assert propagated
    for inferred in propagated:
        graph = inferred.graph
        made = {output for node in graph.node for output in node.output}
        sides = [
            [dim.dim_value for dim in value.type.tensor_type.shape.dim]
            for value in (*graph.input, *(value for value in graph.value_info if value.name in made))
        ]
        assert max(one_side[0] for one_side in sides if len(one_side) == 1) <= 1024
        assert not inferred.functions
