"""Reads the branchy network out of an ONNX file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
from onnx import shape_inference

from edgent.core.nearest_name import nearest_name
from edgent.errors import ModelError
from edgent.graph.branchy_graph import BranchyGraph
from edgent.graph.dataflow import Dataflow
from edgent.graph.exit_path import ExitPath, Layer
from edgent.graph.layer_reader import LayerReader
from edgent.graph.onnx_file import DTYPES, graph_inputs, load
from edgent.graph.tensor import ITEM_BYTES, Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def read_branchy_graph(path: Path, exits: Sequence[str] | None = None) -> BranchyGraph:
    """Read the paths of all exits.

    Args:
        path: an ONNX file whose outputs are the exits.
        exits: the outputs that are exits, shallow to deep; all outputs when None.

    Raises:
        ModelError: the file is missing, no ONNX, or cannot be cut; the message says what to do.
    """
    model, sha256 = load(path)
    _check_input(model, path)
    exits = _exits(model, exits, path)
    inferred = _with_shapes(_at_batch_one(model), path)
    tensors = _tensors(inferred)
    source = tensors[graph_inputs(inferred)[0].name]
    flow = Dataflow(inferred.graph, source.name)
    for name in exits:
        _check_exit(name, tensors, flow, path)
    reader = LayerReader(flow, tensors, _constant_shapes(inferred))
    # The deepest path first, so that the trunk's layers get the lowest numbers in their names.
    chains = {name: reader.read(name) for name in reversed(exits)}
    trunk = chains[exits[-1]]
    paths = tuple(
        ExitPath(index, name, source, chains[name], _shared(chains[name], trunk))
        for index, name in enumerate(exits)
    )
    return BranchyGraph(path, sha256, source, paths)


def _with_shapes(model: onnx.ModelProto, path: Path) -> onnx.ModelProto:
    try:
        return shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    except (shape_inference.InferenceError, ValueError) as error:
        raise ModelError(f"{path}: shapes do not fit together: {error}; export the model again") from error


def _at_batch_one(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy with batch 1 and nothing stated about the shapes further on, so that they are inferred."""
    single = onnx.ModelProto()
    single.CopyFrom(model)
    del single.graph.value_info[:]
    for value in graph_inputs(single):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    for value in single.graph.output:
        value.type.tensor_type.ClearField("shape")
    return single


def _check_input(model: onnx.ModelProto, path: Path) -> None:
    inputs = graph_inputs(model)
    if len(inputs) != 1:
        names = ", ".join(value.name for value in inputs) or "none"
        raise ModelError(f"{path} has {len(inputs)} inputs ({names}); edgent cuts networks with exactly one")
    kind = inputs[0].type.tensor_type
    dims = [dim.dim_value or dim.dim_param or "?" for dim in kind.shape.dim]
    if len(dims) < 2 or not all(isinstance(dim, int) and dim > 0 for dim in dims[1:]):
        raise ModelError(
            f"{path}: input {inputs[0].name!r} has shape {dims}; only the first dimension, the batch, may be "
            "dynamic: export with fixed image dimensions"
        )
    if isinstance(dims[0], int) and dims[0] != 1:
        raise ModelError(f"{path}: the batch is fixed at {dims[0]}; export with batch 1 or a dynamic batch")
    if kind.elem_type not in DTYPES:
        raise ModelError(
            f"{path}: the input's dtype is none of {', '.join(ITEM_BYTES)}; export with one of these"
        )


def _exits(model: onnx.ModelProto, exits: Sequence[str] | None, path: Path) -> tuple[str, ...]:
    outputs = [value.name for value in model.graph.output]
    if exits is None:
        return tuple(outputs)
    unknown = [f"{name!r} ({nearest_name(name, outputs)})" for name in exits if name not in outputs]
    if unknown:
        raise ModelError(f"{path} has no output {', '.join(unknown)}; correct exits in the spec")
    if not exits or len(set(exits)) != len(exits):
        raise ModelError(f"{path}: exits {list(exits)} must name at least one output, and each only once")
    return tuple(exits)


def _check_exit(name: str, tensors: Mapping[str, Tensor], flow: Dataflow, path: Path) -> None:
    if name not in tensors:
        raise ModelError(
            f"{path}: the shape of exit {name!r} cannot be told from the graph as (batch, classes, ...); "
            "export it so that only the batch is dynamic"
        )
    if not flow.depends_on_source(name):
        raise ModelError(f"{path}: exit {name!r} does not depend on the input {flow.source!r}")


def _tensors(inferred: onnx.ModelProto) -> dict[str, Tensor]:
    """Every tensor whose full shape is known, with the batch (1) in front taken off."""
    graph = inferred.graph
    values = [*graph.input, *graph.value_info, *graph.output]
    return {tensor.name: tensor for tensor in map(_tensor, values) if tensor is not None}


def _tensor(value: onnx.ValueInfoProto) -> Tensor | None:
    dims = _dims(value)
    dtype = DTYPES.get(value.type.tensor_type.elem_type)
    if dims is None or dtype is None or len(dims) < 2 or dims[0] != 1:
        return None
    return Tensor(value.name, dims[1:], dtype)


def _constant_shapes(inferred: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    """Shapes of weights and of all else that may turn out to be constant."""
    shapes = {value.name: dims for value in inferred.graph.value_info if (dims := _dims(value)) is not None}
    return shapes | {tensor.name: tuple(tensor.dims) for tensor in inferred.graph.initializer}


def _dims(value: onnx.ValueInfoProto) -> tuple[int, ...] | None:
    shape = value.type.tensor_type.shape
    dims = tuple(dim.dim_value for dim in shape.dim)
    known = value.type.tensor_type.HasField("shape") and all(dim > 0 for dim in dims)
    return dims if known else None


def _shared(layers: Sequence[Layer], trunk: Sequence[Layer]) -> int:
    pairs = zip(layers, trunk, strict=False)
    return next((count for count, (a, b) in enumerate(pairs) if a != b), min(len(layers), len(trunk)))
