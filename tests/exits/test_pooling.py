"""Pooling an activation into features, as onnxruntime computes it."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from edgent.exits.pooling import pooled_size, pooling_nodes
from edgent.graph.tensor import Tensor

RANDOM = np.random.default_rng(2)


def _pooled(activation: np.ndarray) -> np.ndarray:
    """What the nodes make of a batch of activations."""
    tensor = Tensor("x", activation.shape[1:], str(activation.dtype))
    nodes, features = pooling_nodes(tensor, "/e")
    kind = TensorProto.FLOAT if activation.dtype == np.float32 else TensorProto.FLOAT16
    nodes.append(helper.make_node("Identity", [features], ["y"]))
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", kind, ["n", *activation.shape[1:]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", pooled_size(tensor)])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    pooled: np.ndarray = session.run(None, {"x": activation})[0]
    return pooled


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("shape", [(5, 4, 4), (5, 6), (5,), (3, 2, 4, 4), (200, 2, 2), (6, 200)])
def test_mean_and_maximum_of_every_channel(shape: tuple[int, ...], dtype: str) -> None:
    """Channels come first, but for tokens; many channels, and those of one value, give their mean alone."""
    activation = RANDOM.normal(size=(3, *shape)).astype(dtype)
    flat = activation.astype(np.float32).reshape(3, shape[0], -1)
    if len(shape) == 2:
        flat = flat.transpose(0, 2, 1)
    wanted = [flat.mean(axis=2)]
    if flat.shape[1] < 128 and flat.shape[2] > 1:
        wanted.append(flat.max(axis=2))
    pooled = _pooled(activation)
    assert pooled.shape == (3, pooled_size(Tensor("x", shape, dtype)))
    np.testing.assert_allclose(pooled, np.concatenate(wanted, axis=1), atol=1e-3)
