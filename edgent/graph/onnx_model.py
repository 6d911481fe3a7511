"""Load an ONNX file with care and read the branchy network out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # ships no stubs
from onnx import external_data_helper, shape_inference

from edgent.errors import ModelError
from edgent.graph.branchy_graph import ITEM_BYTES, BranchyGraph, ExitPath, Layer, Tensor, nearest
from edgent.graph.dataflow import Dataflow
from edgent.graph.layers import LayerReader
from edgent.graph.model_file import read_model_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DTYPES = {int(onnx.helper.np_dtype_to_tensor_dtype(np.dtype(name))): name for name in ITEM_BYTES}
CONTROL_FLOW = {"If", "Loop", "Scan"}


def read_branchy_graph(path: Path, exits: Sequence[str] | None) -> BranchyGraph:
    """Read the paths of all exits (see :meth:`BranchyGraph.read`).

    Raises:
        ModelError: the file is missing, no ONNX, or cannot be cut.
    """
    model, sha256 = load(path)
    _check_input(model, path)
    exits = _exits(model, exits, path)
    single = at_batch_one(model)
    try:
        inferred = shape_inference.infer_shapes(single, strict_mode=True, data_prop=True)
    except (shape_inference.InferenceError, ValueError) as error:
        raise ModelError(f"{path}: shapes do not fit together: {error}; export the model again") from error
    tensors = _tensors(inferred)
    source = tensors[graph_inputs(single)[0].name]
    for name in exits:
        if name not in tensors:
            raise ModelError(
                f"{path}: the shape of exit {name!r} cannot be told from the graph as (batch, classes, ...); "
                "export it so that only the batch is dynamic"
            )
    flow = Dataflow(inferred.graph, source.name)
    reader = LayerReader(flow, tensors, _constant_shapes(inferred))
    # The deepest path first, so that the trunk's layers get the lowest numbers in their names.
    chains: dict[str, tuple[Layer, ...]] = {}
    for name in reversed(exits):
        if not flow.depends_on_source(name):
            raise ModelError(f"{path}: exit {name!r} does not depend on the input {source.name!r}")
        chains[name] = reader.read(name)
    trunk = chains[exits[-1]]
    paths = tuple(
        ExitPath(index, name, source, chains[name], _shared(chains[name], trunk))
        for index, name in enumerate(exits)
    )
    return BranchyGraph(path, sha256, source, paths)


def load(path: Path) -> tuple[onnx.ModelProto, str]:
    """Load and check an ONNX file; external data is refused, never followed.

    Returns:
        The model and the file's sha256 in hexadecimal.

    Raises:
        ModelError: the file is missing, too large, no ONNX, or uses what cannot be cut.
    """
    content, sha256 = read_model_file(path)
    try:
        model = onnx.load_model_from_string(content)
        if not model.graph.node:
            raise ModelError(f"{path} holds no graph; export the network to ONNX again")
        if any(external_data_helper.uses_external_data(tensor) for tensor in _constants(model.graph)):
            raise ModelError(
                f"{path} keeps weights in other files (ONNX external data), which are not followed; "
                "export it with the weights inside (torch.onnx.export(..., external_data=False))"
            )
        onnx.checker.check_model(model)
    except (DecodeError, onnx.checker.ValidationError, ValueError) as error:
        raise ModelError(
            f"{path} is no valid ONNX file ({len(content):,} bytes): {_first_line(error)}; "
            "fetch or export it again"
        ) from error
    loops = sorted({node.op_type for node in model.graph.node} & CONTROL_FLOW)
    if loops:
        raise ModelError(
            f"{path} holds control flow ({', '.join(loops)}), which cannot be cut; export with batch 1 "
            "and let onnxruntime fold it (SessionOptions.optimized_model_filepath at ORT_ENABLE_BASIC)"
        )
    return model, sha256


def at_batch_one(model: onnx.ModelProto) -> onnx.ModelProto:
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
    unknown = [f"{name!r} ({nearest(name, outputs)})" for name in exits if name not in outputs]
    if unknown:
        raise ModelError(f"{path} has no output {', '.join(unknown)}; correct exits in the spec")
    if not exits or len(set(exits)) != len(exits):
        raise ModelError(f"{path}: exits {list(exits)} must name at least one output, and each only once")
    return tuple(exits)


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


def graph_inputs(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    """The inputs proper: older files list the weights among them."""
    weights = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in weights]


def _constants(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield attribute.t
            yield from attribute.tensors
            if attribute.HasField("g"):
                yield from _constants(attribute.g)


def _shared(layers: Sequence[Layer], trunk: Sequence[Layer]) -> int:
    pairs = zip(layers, trunk, strict=False)
    return next((count for count, (a, b) in enumerate(pairs) if a != b), min(len(layers), len(trunk)))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
