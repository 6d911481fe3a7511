"""A network on smaller pictures: what it answers, and that no weight is there twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from edgent.exits.smaller_pictures import Size, smaller_sizes, with_smaller_pictures
from edgent.graph.onnx_file import load
from edgent.graph.reading import read_branchy_graph
from edgent.graph.shape_inference import infer_shapes
from tests.networks import one_output

if TYPE_CHECKING:
    from pathlib import Path

SIDES = {"CHW": (3, 16, 16), "HWC": (16, 16, 3)}


def _resized(images: np.ndarray, layout: str, side: int) -> np.ndarray:
    """What the operator itself makes of pictures, on its own."""
    factor = side / 16
    scales = [1, 1, factor, factor] if layout == "CHW" else [1, factor, factor, 1]
    graph = helper.make_graph(
        [helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="linear")],
        "resize",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [helper.make_tensor("scales", TensorProto.FLOAT, [4], scales)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (resized,) = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": images})
    return np.asarray(resized)


def _small_network(model: onnx.ModelProto, layout: str, side: int) -> onnx.ModelProto:
    small = onnx.ModelProto()
    small.CopyFrom(model)
    axes = small.graph.input[0].type.tensor_type.shape.dim
    for axis in axes[2:] if layout == "CHW" else axes[1:3]:
        axis.dim_value = side
    return small


@pytest.mark.parametrize("layout", ["CHW", "HWC"])
def test_it_answers_as_the_network_on_resized_pictures(tmp_path: Path, layout: str) -> None:
    """In either layout, and the network's own answer stays as it is."""
    model, _ = load(one_output(tmp_path / "n.onnx", SIDES[layout]))
    sizes = (Size(12, 12), Size(8, 8))
    wider, outputs = with_smaller_pictures(model, sizes, layout)
    onnx.checker.check_model(wider)
    images = np.random.default_rng(1).normal(size=(4, *SIDES[layout])).astype(np.float32)
    answers = onnxruntime.InferenceSession(wider.SerializeToString()).run(
        ["logits", *outputs], {"image": images}
    )
    before = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"image": images})[0]
    np.testing.assert_array_equal(answers[0], before)
    for size, answer in zip(sizes, answers[1:], strict=True):
        small = _small_network(model, layout, size.height)
        resized = _resized(images, layout, size.height)
        session = onnxruntime.InferenceSession(small.SerializeToString())
        np.testing.assert_allclose(answer, session.run(None, {"image": resized})[0], atol=1e-5)


def test_weights_are_not_repeated(tmp_path: Path) -> None:
    """Beside them there are the factors of each size, four numbers."""
    model, _ = load(one_output(tmp_path / "n.onnx"))
    before = {weight.name for weight in model.graph.initializer}
    wider, _ = with_smaller_pictures(model, (Size(8, 8), Size(12, 12)), "CHW")
    new = [weight for weight in wider.graph.initializer if weight.name not in before]
    assert [list(weight.dims) for weight in new] == [[4], [4]]
    assert len(wider.graph.initializer) == len(before) + 2


def test_no_pixel_is_lost_by_rounding(tmp_path: Path) -> None:
    """Factors are single precision and sizes are rounded down: 107 of 161 pixels came out as 106."""
    model, _ = load(one_output(tmp_path / "n.onnx", (3, 161, 161)))
    for side in range(60, 161):
        wider, (output,) = with_smaller_pictures(model, (Size(side, side),), "CHW")
        shapes = infer_shapes(wider, 1)
        assert shapes[f"/at{side}x{side}/picture"].dims == (1, 3, side, side)
        assert output in shapes


def test_sizes_are_whole_cells(tmp_path: Path) -> None:
    """Four cells of four pixels: two and three of them."""
    trunk = read_branchy_graph(one_output(tmp_path / "n.onnx")).paths[0]
    assert smaller_sizes(trunk, "CHW") == (Size(12, 12), Size(8, 8))
    assert str(Size(12, 8)) == "12x8"


def test_an_input_that_is_no_picture_has_no_sizes(tmp_path: Path) -> None:
    """A vector."""
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w"], ["logits"])],
        "vector",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor("w", TensorProto.FLOAT, [4, 2], np.ones(8))],
    )
    path = tmp_path / "n.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    assert smaller_sizes(read_branchy_graph(path).paths[0], "CHW") == ()
