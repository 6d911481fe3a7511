"""Counts what a layer computes and holds: its multiply-accumulates and its parameters."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import onnx

    from edgent.graph.dataflow import Dataflow

    Shape = tuple[int, ...]

PRODUCTS = {"Conv", "ConvTranspose", "Gemm", "MatMul"}
NORMS = {"BatchNormalization", "LayerNormalization", "GroupNormalization", "InstanceNormalization"}
WEIGHTED = PRODUCTS | NORMS | {"PRelu", "Add", "Sub", "Mul", "Div"}


def macs(nodes: Sequence[onnx.NodeProto], shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Multiply-accumulates of one sample in convolutions and matrix products; everything else counts 0.

    Args:
        nodes: the nodes of a layer.
        shapes: whole shapes of tensors and weights at batch 1, by name.
    """
    products = [node for node in nodes if node.op_type in PRODUCTS and len(node.input) > 1]
    return sum(_macs(node.op_type, *(shapes.get(name) for name in _ends(node))) for node in products)


def parameters(nodes: Sequence[onnx.NodeProto], flow: Dataflow, shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Elements of the constants (weights, biases, scales) that the nodes read."""
    weighted = [node for node in nodes if node.op_type in WEIGHTED]
    return sum(prod(shapes.get(name, (0,))) for node in weighted for name in flow.constant_inputs(node))


def _ends(node: onnx.NodeProto) -> tuple[str, str, str]:
    return node.input[0], node.input[1], node.output[0]


def _macs(operation: str, source: Shape | None, weight: Shape | None, output: Shape | None) -> int:
    if not (source and weight and output):
        return 0  # a shape that inference cannot tell
    if operation == "Conv":  # weight: c_out, c_in / groups, kernel
        return prod(output) * prod(weight[1:])
    if operation == "ConvTranspose":  # weight: c_in, c_out / groups, kernel
        return prod(source) * prod(weight[1:])
    return prod(output) * source[-1]
