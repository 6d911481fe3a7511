"""ONNX graphs in torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from edgent.compression.torch_graph import TorchGraph
from edgent.compression.torch_operators import NotCoveredError

if TYPE_CHECKING:
    from collections.abc import Sequence

RANDOM = np.random.default_rng(3)


def _weight(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape).astype(np.float32)


def _graph(operator: str, constants: Sequence[np.ndarray], opset: int = 20, **attributes: Any) -> bytes:
    """One operator between two additions, so that nothing but the operator's constants is folded away."""
    weights = [numpy_helper.from_array(value, f"weight_{k}") for k, value in enumerate(constants)]
    nodes = [helper.make_node(operator, ["x", *(weight.name for weight in weights)], ["y"], **attributes)]
    graph = helper.make_graph(
        nodes,
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4, 6, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    content: bytes = model.SerializeToString()
    return content


CASES: list[tuple[str, list[np.ndarray], dict[str, Any]]] = [
    ("Add", [_weight(4, 1, 1)], {}),
    ("AveragePool", [], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ("BatchNormalization", [_weight(4), _weight(4), _weight(4), _weight(4) ** 2], {}),
    ("Clip", [np.float32(-0.5), np.float32(0.5)], {}),
    ("Clip", [np.float32(-0.5)], {}),
    ("Conv", [_weight(8, 4, 3, 3), _weight(8)], {"pads": [1, 1, 1, 1], "strides": [2, 2]}),
    ("Conv", [_weight(8, 2, 3, 3)], {"pads": [0, 0, 1, 1], "group": 2}),
    ("Conv", [_weight(4, 4, 3, 3)], {"dilations": [2, 2]}),
    ("Div", [_weight(1)], {}),
    ("Erf", [], {}),
    ("Flatten", [], {}),
    ("Gelu", [], {}),
    ("GlobalAveragePool", [], {}),
    ("GlobalMaxPool", [], {}),
    ("HardSigmoid", [], {"alpha": 0.3}),
    ("HardSwish", [], {}),
    ("LayerNormalization", [_weight(6), _weight(6)], {}),
    ("LeakyRelu", [], {"alpha": 0.2}),
    ("MatMul", [_weight(6, 5)], {}),
    ("MaxPool", [], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [0, 0, 1, 1]}),
    ("MaxPool", [], {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
    ("Mul", [_weight(6)], {}),
    ("Pow", [np.float32(2)], {}),
    ("ReduceMean", [np.array([2, 3])], {"keepdims": 0}),
    ("Relu", [], {}),
    ("Gather", [np.array(2)], {"axis": 1}),
    ("Gather", [np.array([3, -1])], {"axis": 2}),
    ("Reshape", [np.array([0, 2, -1])], {}),
    ("Reshape", [np.array([-1, 144])], {"allowzero": 1}),
    ("Sigmoid", [], {}),
    ("Softmax", [], {"axis": 1}),
    ("Sub", [_weight(4, 1, 1)], {}),
    ("Tanh", [], {}),
    ("Transpose", [], {"perm": [0, 2, 3, 1]}),
    ("Unsqueeze", [np.array([2])], {}),
]


@pytest.mark.parametrize(("operator", "constants", "attributes"), CASES, ids=[case[0] for case in CASES])
def test_an_operator_is_onnxruntimes(
    operator: str, constants: list[np.ndarray], attributes: dict[str, Any]
) -> None:
    """The same numbers, and a gradient."""
    content = _graph(operator, constants, **attributes)
    x = _weight(3, 4, 6, 6)
    wanted = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
    source = torch.from_numpy(x).requires_grad_()
    given = TorchGraph(content)(source)
    np.testing.assert_allclose(given.detach().numpy(), wanted, rtol=1e-4, atol=1e-5)
    given.square().sum().backward()
    assert source.grad is not None


def test_a_dense_layer() -> None:
    """Gemm reads a flattened tensor, and constants may be nodes."""
    weight = helper.make_node("Constant", [], ["w"], value=numpy_helper.from_array(_weight(5, 144)))
    nodes = [
        weight,
        helper.make_node("Flatten", ["x"], ["f"]),
        helper.make_node("Gemm", ["f", "w"], ["y"], transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "dense",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4, 6, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 5])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    content = model.SerializeToString()
    x = _weight(2, 4, 6, 6)
    wanted = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
    np.testing.assert_allclose(TorchGraph(content)(torch.from_numpy(x)).numpy(), wanted, rtol=1e-4, atol=1e-5)


def test_shapes_that_are_computed() -> None:
    """As older exporters write a flattening of a batch of any size."""
    whole, first = (numpy_helper.from_array(np.array(value)) for value in ([-1], 0))
    nodes = [
        helper.make_node("Constant", [], ["first"], value=first),
        helper.make_node("Constant", [], ["whole"], value=whole),
        helper.make_node("Constant", [], ["front"], value=numpy_helper.from_array(np.array([0]))),
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Gather", ["shape", "first"], ["batch"]),
        helper.make_node("Unsqueeze", ["batch", "front"], ["batches"]),
        helper.make_node("Concat", ["batches", "whole"], ["flat"], axis=0),
        helper.make_node("Reshape", ["x", "flat"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "flatten",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4, 6, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", None])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    x = torch.from_numpy(_weight(3, 4, 6, 6))
    assert torch.equal(TorchGraph(model.SerializeToString())(x), x.flatten(1))


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (_graph("LRN", [], size=3), "LRN"),
        (
            _graph("AveragePool", [], kernel_shape=[2, 2], pads=[0, 0, 1, 1]),
            "AveragePool with uneven padding",
        ),
        (_graph("MaxPool", [], kernel_shape=[2, 2], auto_pad="SAME_UPPER"), "MaxPool with auto_pad"),
        (_graph("Softmax", [], opset=11), "Softmax of an operator set before 13"),
        (_graph("Flatten", [], axis=2), "Flatten of another axis"),
    ],
    ids=["LRN", "AveragePool", "MaxPool", "Softmax", "Flatten"],
)
def test_what_is_not_covered_is_named(content: bytes, named: str) -> None:
    """The operator, or the way it is used."""
    with pytest.raises(NotCoveredError, match=named):
        TorchGraph(content)
