"""The kernel that a convolution or a pooling slides over its input."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import onnx

CONVOLUTIONS = {"Conv", "ConvTranspose"}
POOLINGS = {"MaxPool", "AveragePool", "LpPool"}


def kernel_and_stride(
    nodes: Sequence[onnx.NodeProto], shapes: Mapping[str, tuple[int, ...]]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Sides and steps of a layer's kernel: of its first convolution, else of its first pooling, else empty.

    Args:
        nodes: the nodes of a layer.
        shapes: whole shapes of the weights, by name.
    """
    sliding = [node for node in nodes if node.op_type in CONVOLUTIONS | POOLINGS]
    if not sliding:
        return (), ()
    node = next((node for node in sliding if node.op_type in CONVOLUTIONS), sliding[0])
    attributes = {attribute.name: tuple(attribute.ints) for attribute in node.attribute}
    weight = shapes.get(node.input[1], ()) if node.op_type in CONVOLUTIONS and len(node.input) > 1 else ()
    kernel = attributes.get("kernel_shape") or weight[2:]
    return kernel, attributes.get("strides") or (1,) * len(kernel)
