"""Attaches exits to a network: one ONNX graph with all of them, the trunk's weights bit for bit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import onnx
from onnx import TensorProto, helper, numpy_helper

from edgent.exits.pooling import pooling_nodes
from edgent.graph.onnx_file import editable_copy, graph_inputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.exits.softmax_regression import LinearLayer
    from edgent.graph.tensor import Tensor


@dataclass(frozen=True)
class NewExit:
    """An exit to attach.

    Attributes:
        name: of the exit, and of the graph's output that it becomes.
        reads: activation of the trunk.
        layer: what it does with the pooled activation.
    """

    name: str
    reads: Tensor
    layer: LinearLayer


def attach_exits(network: onnx.ModelProto, exits: Sequence[NewExit], kept: str | None) -> onnx.ModelProto:
    """The network with exits attached.

    Args:
        network: with one output.
        exits: shallow to deep.
        kept: output of the network that stays, as the deepest exit; None where a new exit takes its place,
            and what only the old output needs is left out.
    """
    model = editable_copy(network)
    graph = model.graph
    batch = graph.output[0].type.tensor_type.shape.dim[0]
    outputs = [_attach(graph, exit_, batch) for exit_ in exits]
    outputs += [output for output in graph.output if output.name == kept]
    del graph.output[:]
    graph.output.extend(outputs)
    _leave_out_what_nothing_needs(model)
    return model


def with_outputs(network: onnx.ModelProto, outputs: Sequence[str]) -> onnx.ModelProto:
    """The network with some of its outputs, and without what only the others need."""
    model = editable_copy(network)
    kept = [output for output in model.graph.output if output.name in outputs]
    del model.graph.output[:]
    model.graph.output.extend(kept)
    _leave_out_what_nothing_needs(model)
    return model


def free_name(network: onnx.ModelProto, wanted: str) -> str:
    """The name that is wanted for a new tensor, or that with underscores where the network has it."""
    graph = network.graph
    taken = {name for node in graph.node for name in (*node.input, *node.output)}
    taken |= {value.name for value in (*graph.input, *graph.output, *graph.initializer)}
    while wanted in taken:
        wanted += "_"
    return wanted


def _attach(
    graph: onnx.GraphProto, exit_: NewExit, batch: onnx.TensorShapeProto.Dimension
) -> onnx.ValueInfoProto:
    prefix = f"/exits/{exit_.name}"
    nodes, features = pooling_nodes(exit_.reads, prefix)
    weights = {f"{prefix}/weight": exit_.layer.weights, f"{prefix}/bias": exit_.layer.bias}
    graph.node.extend(nodes)
    graph.node.append(helper.make_node("Gemm", [features, *weights], [exit_.name], f"{prefix}/Gemm"))
    graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in weights.items())
    output: onnx.ValueInfoProto = helper.make_tensor_value_info(
        exit_.name, TensorProto.FLOAT, [None, len(exit_.layer.bias)]
    )
    output.type.tensor_type.shape.dim[0].CopyFrom(batch)
    return output


def _leave_out_what_nothing_needs(model: onnx.ModelProto) -> None:
    graph = model.graph
    needed = {output.name for output in graph.output}
    nodes = []
    for node in reversed(graph.node):  # the nodes stand in topological order
        if needed.intersection(node.output):
            nodes.append(node)
            needed.update(node.input)
    weights = [weight for weight in graph.initializer if weight.name in needed]
    stated = [value for value in graph.value_info if value.name in needed]
    for field, kept in (
        (graph.input, graph_inputs(model)),
        (graph.node, reversed(nodes)),
        (graph.initializer, weights),
        (graph.value_info, stated),
    ):
        copies = list(kept)
        del field[:]
        field.extend(copies)
