"""Reads the branchy network out of an ONNX file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.core.nearest_name import nearest_name
from edgent.errors import ModelError
from edgent.graph.batch_shapes import batch_shapes
from edgent.graph.branchy_graph import BranchyGraph
from edgent.graph.dataflow import Dataflow, describe
from edgent.graph.exit_path import ExitPath, Layer
from edgent.graph.layer_reader import LayerReader
from edgent.graph.onnx_file import DTYPES, graph_inputs, load
from edgent.graph.tensor import ITEM_BYTES, Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import onnx

    from edgent.graph.batch_shapes import BatchShapes


def read_branchy_graph(path: Path, exits: Sequence[str] | None = None) -> BranchyGraph:
    """Read the paths of all exits.

    Args:
        path: an ONNX file whose outputs are the exits.
        exits: the outputs that are exits, shallow to deep; all outputs when None.

    Raises:
        ModelError: the file is missing, no ONNX, or cannot be cut; the message says what to do.
    """
    model, sha256 = load(path)
    return branchy_graph(model, sha256, path, exits)


def branchy_graph(
    model: onnx.ModelProto, sha256: str, path: Path, exits: Sequence[str] | None = None
) -> BranchyGraph:
    """Read a network that is in memory.

    Args:
        model: a checked network.
        sha256: the digest of its file.
        path: its file, or that of the network that it was made of.
        exits: as above.

    Raises:
        ModelError: as above.
    """
    _check_input(model, path)
    exits = _exits(model, exits, path)
    _check_are_tensors(model, exits, path)
    shapes = batch_shapes(model, exits, path)
    tensors = _tensors(shapes)
    source = tensors[graph_inputs(model)[0].name]
    flow = Dataflow(model.graph, source.name, shapes.by_name)
    for name in exits:
        if name not in tensors:
            raise ModelError(f"{path}: {_why_no_exit(name, shapes, flow)}")
        if not flow.depends_on_source(name):
            raise ModelError(f"{path}: exit {name!r} does not depend on the input {flow.source!r}")
    whole_shapes = {name: shape.at(1) for name, shape in shapes.by_name.items()}
    reader = LayerReader(flow, tensors, whole_shapes, lambda name: _why_refused(name, shapes, flow))
    # The deepest path first, so that the trunk's layers get the lowest numbers in their names.
    chains = {name: reader.read(name) for name in reversed(exits)}
    trunk = chains[exits[-1]]
    paths = tuple(
        ExitPath(index, name, source, chains[name], _shared(chains[name], trunk))
        for index, name in enumerate(exits)
    )
    return BranchyGraph(path, sha256, source, paths, tuple(reader.lost))


def _check_input(model: onnx.ModelProto, path: Path) -> None:
    inputs = graph_inputs(model)
    if len(inputs) != 1:
        names = ", ".join(value.name for value in inputs) or "none"
        raise ModelError(
            f"{path} has {len(inputs)} inputs ({names}); edgent cuts networks with exactly one: export it "
            "with the others as constants, or with all of them in one tensor that its first layers take apart"
        )
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
    if not outputs:
        raise ModelError(f"{path} has no output; export it with one for each exit")
    if exits is None:
        return tuple(outputs)
    unknown = [f"{name!r} ({nearest_name(name, outputs)})" for name in exits if name not in outputs]
    if unknown:
        stacked = "; edgent needs one named output for each exit" if len(exits) > len(outputs) else ""
        raise ModelError(
            f"{path} has no output {', '.join(unknown)}; correct exits in the spec, or "
            f"--output of `edgent new`{stacked}"
        )
    if not exits or len(set(exits)) != len(exits):
        raise ModelError(f"{path}: exits {list(exits)} must name at least one output, and each only once")
    return tuple(exits)


def _check_are_tensors(model: onnx.ModelProto, exits: Sequence[str], path: Path) -> None:
    """Refuse exits of other types, such as a classifier's list of a dictionary for each input."""
    for value in model.graph.output:
        kind = value.type.WhichOneof("value")
        if value.name in exits and kind not in (None, "tensor_type"):
            raise ModelError(
                f"{path}: exit {value.name!r} is no tensor ({kind}): export it as one (skl2onnx: "
                "options={'zipmap': False}), or name the other outputs"
            )


def _why_no_exit(name: str, shapes: BatchShapes, flow: Dataflow) -> str:
    """Why an output cannot be an exit, and what to do."""
    if name in shapes.by_name:
        shape = shapes.by_name[name]
        if shapes.sample_shape(name) is not None:
            return f"the dtype of exit {name!r} is none of {', '.join(ITEM_BYTES)}; export it as one of these"
        if len(shape.fixed) < 2:
            return (
                f"exit {name!r} has shape {shape}, but an exit is (batch, ...): export the scores that stand "
                "before an ArgMax, or a number for each input as (batch, 1)"
            )
        return (
            f"exit {name!r} has shape {shape}, but an exit is (batch, ...): edgent needs one named output "
            "for each exit, so export the exits as outputs of their own instead of stacking them in one"
        )
    node = flow.first_unknown(name)
    if node is None:
        return f"exit {name!r} is computed by no node; export the model again"
    return (
        f"the shape of exit {name!r} is unknown, because onnx cannot tell that of {node.output[0]!r} behind "
        f"the operator {describe(node)}; state it in the file (value_info), or export without this operator"
    )


def _why_refused(name: str, shapes: BatchShapes, flow: Dataflow) -> str:
    """Why a tensor may not cross a cut."""
    node = flow.first_unknown(name)
    if name not in shapes.by_name and node is not None:
        return (
            f"onnx cannot tell the shape of {node.output[0]!r} behind the operator {describe(node)}, "
            "and the file states none (value_info)"
        )
    if shapes.sample_shape(name) is None:
        return f"{name!r}, which crosses there, has shape {shapes.by_name[name]}: the batch is not in front"
    return f"the dtype of {name!r}, which crosses there, is none of {', '.join(ITEM_BYTES)}"


def _tensors(shapes: BatchShapes) -> dict[str, Tensor]:
    """Every tensor that may cross a cut: with the batch in front, and of a dtype that can travel."""
    return {
        name: Tensor(name, sample_shape, shape.dtype)
        for name, shape in shapes.by_name.items()
        if shape.dtype is not None and (sample_shape := shapes.sample_shape(name)) is not None
    }


def _shared(layers: Sequence[Layer], trunk: Sequence[Layer]) -> int:
    pairs = zip(layers, trunk, strict=False)
    return next((count for count, (a, b) in enumerate(pairs) if a != b), min(len(layers), len(trunk)))
