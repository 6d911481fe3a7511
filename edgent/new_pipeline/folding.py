"""Folds the normalisation of pixels into a network, so that pixels travel as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edgent.exits.attach import free_name
from edgent.graph.onnx_file import editable_copy, graph_inputs

if TYPE_CHECKING:
    from edgent.new_pipeline.normalisation import Normalisation

INPUT = "pixels"


def fold(
    network: onnx.ModelProto, normalisation: Normalisation, channels: int, layout: str
) -> onnx.ModelProto:
    """The network behind nodes that normalise, with an input of uint8 pixels in red, green and blue.

    Its own nodes and weights stay as they are. What the nodes before them compute is, bit for bit, what the
    device would compute from ``input.preprocessing``.

    Args:
        network: with one input, of floats, shape (batch, C, H, W) or (batch, H, W, C).
        normalisation: what its pixels become.
        channels: number of channels.
        layout: ``CHW`` or ``HWC``.
    """
    model = editable_copy(network)
    source = graph_inputs(model)[0]
    pixels = helper.make_tensor_value_info(free_name(network, INPUT), TensorProto.UINT8, None)
    pixels.type.tensor_type.shape.CopyFrom(source.type.tensor_type.shape)
    own_type = source.type.tensor_type.elem_type
    nodes, constants = _steps(normalisation, channels, layout, own_type)
    for number, node in enumerate(nodes):
        name = source.name if number == len(nodes) - 1 else f"/pixels/{number}"
        before = nodes[number - 1].output[0] if number else pixels.name
        node.input.insert(0, before)
        node.output.append(name)
        node.name = f"/pixels/{node.op_type}{number}"
    own = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*nodes, *own])
    model.graph.initializer.extend(constants)
    del model.graph.input[:]
    model.graph.input.append(pixels)
    return model


def _steps(
    normalisation: Normalisation, channels: int, layout: str, own_type: int
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """The nodes, each but for the tensor that it works on, and the constants that they read."""
    shape, axis = ((channels, 1, 1), 1) if layout == "CHW" else ((channels,), 3)
    nodes, constants = [], []

    def add(operator: str, name: str, values: np.ndarray, **attributes: Any) -> None:
        constants.append(numpy_helper.from_array(values, f"/pixels/{name}"))
        nodes.append(helper.make_node(operator, [constants[-1].name], [], **attributes))

    mean, scale = (np.array(v, np.float32).reshape(shape) for v in normalisation.for_channels(channels))
    if normalisation.colour_order == "BGR" and channels == 3:
        add("Gather", "order", np.array([2, 1, 0]), axis=axis)
    nodes.append(helper.make_node("Cast", [], [], to=TensorProto.FLOAT))
    if mean.any():
        add("Sub", "mean", mean)
    if (scale != 1).any():
        add("Div", "scale", scale)
    if own_type != TensorProto.FLOAT:
        nodes.append(helper.make_node("Cast", [], [], to=own_type))
    return nodes, constants
