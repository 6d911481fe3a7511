"""The values of tensors that depend on known shapes and constants alone, such as the target of a Reshape."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from edgent.graph.dataflow import reads_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    import onnx

LARGEST_VALUE = 1024
"""Elements; of larger tensors only the shape is looked at."""


@dataclass(frozen=True)
class InferredShape:
    """A whole shape, and the dtype as NumPy names it; None for one that cannot cross a cut."""

    dims: tuple[int, ...]
    dtype: str | None


def read_shape(node: onnx.NodeProto, dims: tuple[int, ...]) -> np.ndarray:
    """What a Shape or a Size node says of a tensor with these dimensions."""
    if node.op_type == "Size":
        return np.array(prod(dims), np.int64)
    bounds = {attribute.name: attribute.i for attribute in node.attribute}
    return np.array(dims[bounds.get("start", 0) : bounds.get("end", len(dims))], np.int64)


def computed_values(model: onnx.ModelProto, shapes: Mapping[str, InferredShape]) -> dict[str, np.ndarray]:
    """The small values that follow from shapes and constants, by the tensor's name.

    Args:
        model: whose weights are all small.
        shapes: what is known so far.
    """
    ready = {weight.name for weight in model.graph.initializer}
    computed: list[onnx.NodeProto] = []
    for node in model.graph.node:
        outputs = [name for name in node.output if name]
        if reads_shape(node) and node.input[0] in shapes:
            value = numpy_helper.from_array(read_shape(node, shapes[node.input[0]].dims))
            computed.append(helper.make_node("Constant", [], outputs, value=value))
        elif not node.domain and all(not name or name in ready for name in node.input):
            if not all(name in shapes and prod(shapes[name].dims) <= LARGEST_VALUE for name in outputs):
                continue
            computed.append(node)
        else:
            continue
        ready.update(outputs)
    return _run(model, computed)


def _run(model: onnx.ModelProto, nodes: list[onnx.NodeProto]) -> dict[str, np.ndarray]:
    names = [name for node in nodes for name in node.output if name]
    outputs = [helper.make_empty_tensor_value_info(name) for name in names]
    graph = helper.make_graph(nodes, "shapes", [], outputs, model.graph.initializer)
    opsets = [opset for opset in model.opset_import if not opset.domain]
    program = helper.make_model(graph, opset_imports=opsets, ir_version=max(model.ir_version, 4))
    try:
        values = ReferenceEvaluator(program).run(names, {})
    except Exception:  # noqa: BLE001  it runs any operator on any values, and its errors share no base
        return {}
    return dict(zip(names, map(np.asarray, values), strict=True))
