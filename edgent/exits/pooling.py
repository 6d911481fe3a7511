"""Pools an activation into a vector of features: the mean of every channel and, of few, the maximum.

A mean says how much of something is in a picture; the maximum, whether it is there at all. Early in a network
channels are few and both together tell far more; late, the maximum only adds weights to overfit with.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from onnx import TensorProto, helper

if TYPE_CHECKING:
    import onnx

    from edgent.graph.tensor import Tensor

FEW_CHANNELS = 128
"""Up to here both are pooled. On EfficientNet-Lite0 they gain 1 to 13 points with 80 channels and fewer."""


def pooled_size(tensor: Tensor) -> int:
    """Number of features that an activation gives."""
    return _channels(tensor) * (2 if _takes_maximum(tensor) else 1)


def pooling_nodes(tensor: Tensor, prefix: str) -> tuple[list[onnx.NodeProto], str]:
    """The nodes that pool an activation.

    Args:
        tensor: float, of shape (C,), tokens (T, C), or channels first (C, ...).
        prefix: begins the names of nodes and tensors, e.g. ``/exits/exit1``.

    Returns:
        The nodes, and the name of the features, float32 of shape (batch, ``pooled_size``).
    """
    nodes: list[onnx.NodeProto] = []

    def add(operator: str, inputs: list[str], what: str, **attributes: Any) -> str:
        name = f"{prefix}/{what}"
        nodes.append(helper.make_node(operator, inputs, [name], name, **attributes))
        return name

    read = tensor.name
    if tensor.dtype != "float32":
        read = add("Cast", [read], "float32", to=TensorProto.FLOAT)
    if len(tensor.shape) == 1:
        return nodes, read
    if len(tensor.shape) == 2:  # tokens of a transformer: (T, C)
        read = add("Transpose", [read], "channels_first", perm=[0, 2, 1])
    pooled = [add("GlobalAveragePool", [read], "mean")]
    if _takes_maximum(tensor):
        pooled.append(add("GlobalMaxPool", [read], "maximum"))
        pooled = [add("Concat", pooled, "pooled", axis=1)]
    return nodes, add("Flatten", pooled, "features", axis=1)


def _channels(tensor: Tensor) -> int:
    return tensor.shape[1] if len(tensor.shape) == 2 else tensor.shape[0]


def _takes_maximum(tensor: Tensor) -> bool:
    is_spread = prod(tensor.shape) > _channels(tensor)
    return is_spread and _channels(tensor) < FEW_CHANNELS
