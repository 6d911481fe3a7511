"""The same network on smaller pictures: its pixels resized, then its own nodes again, with the same weights.

Work falls with the square of a picture's side, accuracy far more slowly: a whole network on small pictures
answers better than the first layers of one on large ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edgent.graph.onnx_file import editable_copy, graph_inputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.graph.exit_path import ExitPath

RATIOS = (1 / 2, 5 / 8, 3 / 4)
"""Of a picture's sides: a quarter, two fifths and a bit more than half of the work."""
LEAST_OPSET = 11
"""The first whose Resize says where a pixel's centre lies."""
_FEWEST_CELLS = 2


@dataclass(frozen=True)
class Size:
    """Pixels of a picture.

    Attributes:
        height, width: of it.
    """

    height: int
    width: int

    def __str__(self) -> str:
        return f"{self.height}x{self.width}"


def smaller_sizes(trunk: ExitPath, layout: str) -> tuple[Size, ...]:
    """The sizes that are worth a try, falling.

    Each is a whole number of the steps that the trunk takes from one cell of its smallest activation to the
    next, as the picture is: the cells then lie on the picture as they do on the whole one.

    Args:
        trunk: of channels, height and width.
        layout: of its input, ``CHW`` or ``HWC``.

    Returns:
        The sizes; nothing where the input is no picture, or no activation behind it is an image of channels.
    """
    if len(trunk.source.shape) != 3:
        return ()
    sides = trunk.source.shape[1:] if layout == "CHW" else trunk.source.shape[:2]
    images = [layer.output_shape[1:] for layer in trunk.layers if len(layer.output_shape) == 3]
    cells = next((image for image in reversed(images) if min(image) >= _FEWEST_CELLS), None)
    if cells is None:
        return ()
    sizes = dict.fromkeys(
        Size(*(_whole(side, number, ratio) for side, number in zip(sides, cells, strict=True)))
        for ratio in reversed(RATIOS)
    )
    return tuple(size for size in sizes if 0 < size.height < sides[0] and 0 < size.width < sides[1])


def with_smaller_pictures(
    network: onnx.ModelProto, sizes: Sequence[Size], layout: str
) -> tuple[onnx.ModelProto, tuple[str, ...]]:
    """The network with one more output for each size: what it answers on the picture resized to that.

    Pixels are resized linearly as floats, which every node computes alike. Weights are not repeated.

    Args:
        network: with one output, of ``LEAST_OPSET`` or later.
        sizes: of the pictures.
        layout: of its input, ``CHW`` or ``HWC``.

    Returns:
        The network, and the names of the new outputs.
    """
    model = editable_copy(network)
    outputs = tuple(_add_copy(model.graph, network, size, layout) for size in sizes)
    return model, outputs


def _whole(side: int, cells: int, ratio: float) -> int:
    """About so large a part of a side, in whole cells."""
    return round(max(1, int(cells * ratio + 0.5)) * side / cells)


def _add_copy(graph: onnx.GraphProto, network: onnx.ModelProto, size: Size, layout: str) -> str:
    """The nodes that read the picture again, behind others that resize it; the name of their output."""
    prefix = f"/at{size}"
    source, output = graph_inputs(network)[0], network.graph.output[0]
    renamed = {source.name: f"{prefix}/picture"}
    graph.node.extend(_resize(graph, source, size, layout, prefix))
    for node in network.graph.node:
        if not renamed.keys() & set(node.input):
            continue  # what the picture does not reach is there already
        renamed |= {name: f"{prefix}/{name.lstrip('/')}" for name in node.output if name}
        copy = graph.node.add()
        copy.CopyFrom(node)
        copy.name = f"{prefix}/{node.name.lstrip('/')}" if node.name else ""
        copy.input[:] = [renamed.get(name, name) for name in node.input]
        copy.output[:] = [renamed.get(name, name) for name in node.output]
    answer = graph.output.add()
    answer.CopyFrom(output)
    answer.name = renamed[output.name]
    return str(answer.name)


def _resize(
    graph: onnx.GraphProto, source: onnx.ValueInfoProto, size: Size, layout: str, prefix: str
) -> list[onnx.NodeProto]:
    kind = source.type.tensor_type
    shape = [dim.dim_value for dim in kind.shape.dim]
    height, width = shape[2:] if layout == "CHW" else shape[1:3]
    exact = np.array([size.height / height, size.width / width], np.float32)
    factors = np.nextafter(exact, np.float32(2))  # rounded down, a pixel would be lost
    scales = np.array([1, 1, *factors] if layout == "CHW" else [1, *factors, 1], np.float32)
    graph.initializer.append(numpy_helper.from_array(scales, f"{prefix}/scales"))
    nodes, read = [], source.name

    def add(operator: str, inputs: list[str], what: str, **attributes: Any) -> str:
        name = f"{prefix}/{what}"
        nodes.append(helper.make_node(operator, inputs, [name], name, **attributes))
        return name

    if kind.elem_type != TensorProto.FLOAT:
        read = add("Cast", [read], "floats", to=TensorProto.FLOAT)
    add("Resize", [read, "", f"{prefix}/scales"], "picture", mode="linear")
    return nodes
