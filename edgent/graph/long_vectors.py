"""Hides long vectors from ONNX's propagation of values, which takes some 70 bytes for each element of each.

A few bytes of a file may stand for a vector of any length, as where a number is repeated.
"""

from __future__ import annotations

import onnx

from edgent.graph.shape_values import LARGEST_VALUE


def without_long_vectors(model: onnx.ModelProto, inferred: onnx.GraphProto) -> onnx.ModelProto:
    """A copy of a network in which every vector that is long, or may be, is an input of unknown length.

    Args:
        model: the network, without large weights.
        inferred: its graph with the shapes that follow from no values.
    """
    known = {value.name: value for value in (*inferred.input, *inferred.value_info, *inferred.output)}
    long = {name for name, value in known.items() if _may_be_long(value.type)}
    kept = [node for node in model.graph.node if not long.intersection(node.output)]
    of_kept = {name for node in kept for name in node.output}
    hidden = [name for node in model.graph.node for name in node.output if name not in of_kept]
    inputs = [*(value.name for value in model.graph.input), *hidden]
    stated = [value for value in inferred.value_info if value.name in of_kept]
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.graph.node[:], copy.graph.input[:], copy.graph.value_info[:]
    copy.graph.node.extend(kept)
    copy.graph.input.extend(
        _without_length(known[name]) if name in long else known[name] for name in inputs if name in known
    )
    copy.graph.value_info.extend(stated)
    return copy


def _may_be_long(kind: onnx.TypeProto) -> bool:
    """Whether a tensor may be a vector of more elements than are looked at."""
    if not kind.HasField("tensor_type"):
        return False
    if not kind.tensor_type.HasField("shape"):
        return True
    dims = kind.tensor_type.shape.dim
    return len(dims) == 1 and not (dims[0].HasField("dim_value") and dims[0].dim_value <= LARGEST_VALUE)


def _without_length(value: onnx.ValueInfoProto) -> onnx.ValueInfoProto:
    copy = onnx.ValueInfoProto()
    copy.CopyFrom(value)
    for dim in copy.type.tensor_type.shape.dim:
        dim.Clear()
    return copy
