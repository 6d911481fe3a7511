"""The shapes of all tensors at one batch, by ONNX's own inference and what it lacks.

Two things are added to it. Tensors that depend on shapes alone are computed, whatever their operators, until
nothing more becomes known. And what the exporter states about a shape counts where inference cannot tell
it, as behind an operator that ONNX does not know.
"""

from __future__ import annotations

from math import prod

import onnx
from onnx import helper, numpy_helper, shape_inference

from edgent.graph.long_vectors import without_long_vectors
from edgent.graph.onnx_file import DTYPES, graph_inputs
from edgent.graph.own_functions import written_out
from edgent.graph.shape_values import LARGEST_VALUE, InferredShape, computed_values


def infer_shapes(model: onnx.ModelProto, batch: int) -> dict[str, InferredShape]:
    """The shapes of all tensors that are known, by name.

    Args:
        model: with one input, whose first dimension is the batch.
        batch: the number of samples.

    Raises:
        InferenceError, ValueError: the shapes do not fit together.
    """
    bare = written_out(_bare(model, batch))
    stated = _stated(model, batch)
    while True:
        shapes = _infer(bare)
        unknown = {name for node in bare.graph.node for name in node.output if name and name not in shapes}
        values = computed_values(bare, shapes) if unknown else {}
        if values:
            nodes = [node for node in bare.graph.node if node.output[0] not in values]
            del bare.graph.node[:]
            bare.graph.node.extend(nodes)
            bare.graph.initializer.extend(numpy_helper.from_array(*pair[::-1]) for pair in values.items())
            continue
        useful = [stated.pop(name) for name in unknown if name in stated]
        if not useful:
            return shapes
        bare.graph.value_info.extend(useful)


def _infer(bare: onnx.ModelProto) -> dict[str, InferredShape]:
    """The shapes that follow without values and, where those are not all, from values of short vectors."""
    inferred = shape_inference.infer_shapes(bare, strict_mode=True).graph
    shapes = _known(inferred)
    if all(name in shapes for node in bare.graph.node for name in node.output if name):
        return shapes
    guarded = without_long_vectors(bare, inferred)
    return _known(shape_inference.infer_shapes(guarded, strict_mode=True, data_prop=True).graph) | shapes


def _known(graph: onnx.GraphProto) -> dict[str, InferredShape]:
    shapes = {w.name: InferredShape(tuple(w.dims), DTYPES.get(w.data_type)) for w in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        kind = value.type.tensor_type
        dims = tuple(dim.dim_value for dim in kind.shape.dim)
        if kind.HasField("shape") and all(dim > 0 for dim in dims):
            shapes[value.name] = InferredShape(dims, DTYPES.get(kind.elem_type))
    return shapes


def _bare(model: onnx.ModelProto, batch: int) -> onnx.ModelProto:
    """The network at one batch without its large weights, and with nothing stated about shapes further on."""
    source = graph_inputs(model)[0]
    bare = onnx.ModelProto(ir_version=model.ir_version)
    bare.opset_import.extend(model.opset_import)
    bare.functions.extend(model.functions)
    bare.graph.name = model.graph.name
    bare.graph.node.extend(model.graph.node)
    bare.graph.input.add().CopyFrom(source)
    bare.graph.input[0].type.tensor_type.shape.dim[0].dim_value = batch
    for output in model.graph.output:
        bare.graph.output.add().CopyFrom(output)
        if output.type.HasField("tensor_type"):
            bare.graph.output[-1].type.tensor_type.ClearField("shape")
    for weight in model.graph.initializer:
        if prod(weight.dims) > LARGEST_VALUE or model.ir_version < 4:
            bare.graph.input.append(
                helper.make_tensor_value_info(weight.name, weight.data_type, list(weight.dims))
            )
        if prod(weight.dims) <= LARGEST_VALUE:
            bare.graph.initializer.append(weight)
    return bare


def _stated(model: onnx.ModelProto, batch: int) -> dict[str, onnx.ValueInfoProto]:
    """What the file states about shapes, with a number for the batch.

    Exporters may call it otherwise at each tensor, or not at all. So the first dimension is the batch where
    all the others are numbers.
    """
    dynamic = graph_inputs(model)[0].type.tensor_type.shape.dim[0].dim_param
    stated = {}
    for value in (*model.graph.value_info, *model.graph.output):
        copy = onnx.ValueInfoProto()
        copy.CopyFrom(value)
        dims = copy.type.tensor_type.shape.dim
        for dim in dims:
            if dynamic and dim.dim_param == dynamic:
                dim.dim_value = batch
        if len(dims) > 1 and not dims[0].dim_value and all(dim.dim_value for dim in dims[1:]):
            dims[0].dim_value = batch
        stated[value.name] = copy
    return stated
