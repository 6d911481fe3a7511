"""The large weights of a model moved to a file, so that all models with parts of them may share it."""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import uses_external_data

LEAST_BYTES = 1024  # smaller tensors stay in the graph: shapes, which are folded, and scalars are among them
_ONNX = {"", "ai.onnx"}
_ALIGNED_BYTES = 64  # a cache line, and as much as any vector instruction wants


def take_out(model: onnx.ModelProto, location: str, begin: int) -> bytearray:
    """Move the large weights of a model, constants of its nodes among them, to a file.

    Args:
        model: changed in place; its weights refer to the file.
        location: the file's, as the model shall name it.
        begin: where the weights begin in the file.

    Returns:
        What the file has to hold, zeros before the weights.
    """
    _constants_to_weights(model.graph)
    content = bytearray(begin)
    for tensor in model.graph.initializer:
        data = _raw(tensor)
        if len(data) < LEAST_BYTES:
            continue
        content.extend(bytes(-len(content) % _ALIGNED_BYTES))
        place = {"location": location, "offset": len(content), "length": len(data)}
        content.extend(data)
        reference = TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
        reference.data_location = TensorProto.EXTERNAL
        for key, value in place.items():
            reference.external_data.add(key=key, value=str(value))
        tensor.CopyFrom(reference)
    return content


def check_without_files(model: onnx.ModelProto) -> None:
    """Check a model whose external data has not been written yet, as if its weights were inputs.

    Raises:
        ValidationError: it is no valid model.
    """
    checked = onnx.ModelProto()
    checked.CopyFrom(model)
    del checked.graph.initializer[:]
    for weight in model.graph.initializer:
        if uses_external_data(weight):
            shape = helper.make_tensor_value_info(weight.name, weight.data_type, weight.dims)
            checked.graph.input.append(shape)
        else:
            checked.graph.initializer.append(weight)
    onnx.checker.check_model(checked)


def _constants_to_weights(graph: onnx.GraphProto) -> None:
    """Make weights of the nodes that are large constants: some exporters keep all weights so."""
    kept = []
    for node in graph.node:
        tensor = node.attribute[0].t if node.op_type == "Constant" and node.domain in _ONNX else TensorProto()
        if len(_raw(tensor)) < LEAST_BYTES:
            kept.append(node)
        else:
            weight = graph.initializer.add()
            weight.CopyFrom(tensor)
            weight.name = node.output[0]
    if len(kept) < len(graph.node):
        nodes = list(kept)
        del graph.node[:]
        graph.node.extend(nodes)


def _raw(tensor: onnx.TensorProto) -> bytes:
    """A tensor's values as ONNX keeps them in a file; none where they are text, or there is no tensor."""
    if tensor.HasField("raw_data"):
        raw: bytes = tensor.raw_data
        return raw
    if tensor.data_type in {TensorProto.UNDEFINED, TensorProto.STRING}:
        return b""
    written: bytes = numpy_helper.from_array(numpy_helper.to_array(tensor)).raw_data
    return written
