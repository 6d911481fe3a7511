"""What an encoder or a decoder computes."""

from __future__ import annotations

import onnx

from edgent.graph.layer_work import macs
from edgent.graph.shape_inference import infer_shapes


def multiply_accumulates(content: bytes) -> int:
    """Of one sample, counted as those of the network's layers are.

    Args:
        content: an ONNX file.
    """
    model = onnx.load_model_from_string(content)
    shapes = {name: tuple(shape.dims) for name, shape in infer_shapes(model, 1).items()}
    shapes |= {weight.name: tuple(weight.dims) for weight in model.graph.initializer}
    return macs(model.graph.node, shapes)
