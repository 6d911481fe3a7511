"""Counts what a layer computes and holds: its multiply-accumulates and its parameters."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import onnx

    from edgent.graph.dataflow import Dataflow
    from edgent.graph.tensor import Tensor

PRODUCTS = {"Conv", "ConvTranspose", "Gemm", "MatMul"}
NORMS = {"BatchNormalization", "LayerNormalization", "GroupNormalization", "InstanceNormalization"}
WEIGHTED = PRODUCTS | NORMS | {"PRelu", "Add", "Sub", "Mul", "Div"}


def macs(
    nodes: Sequence[onnx.NodeProto], tensors: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]]
) -> int:
    """Multiply-accumulates of one sample in convolutions and matrix products; everything else counts 0.

    Args:
        nodes: the nodes of a layer.
        tensors: tensors with the batch in front, by name.
        shapes: whole shapes of the other tensors, weights among them, by name.
    """
    return sum(_macs(node, tensors, shapes) for node in nodes if node.op_type in PRODUCTS)


def parameters(nodes: Sequence[onnx.NodeProto], flow: Dataflow, shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Elements of the constants (weights, biases, scales) that the nodes read."""
    weighted = [node for node in nodes if node.op_type in WEIGHTED]
    return sum(prod(shapes.get(name, (0,))) for node in weighted for name in flow.constant_inputs(node))


def _macs(node: onnx.NodeProto, tensors: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]]) -> int:
    source, output = (tensors.get(name) for name in (node.input[0], node.output[0]))
    if source is None or output is None:
        return 0  # a shape that inference cannot tell
    if node.op_type == "Conv":  # weight: c_out, c_in / groups, kernel
        return prod(output.shape) * prod(shapes.get(node.input[1], (0, 0))[1:])
    if node.op_type == "ConvTranspose":  # weight: c_in, c_out / groups, kernel
        return prod(source.shape) * prod(shapes.get(node.input[1], (0, 0))[1:])
    return prod(output.shape) * source.shape[-1]
