"""Locations read from the wire format are those that onnx reads, and no bytes hide one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # ships no stubs
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from edgent.graph.locations import locations

if TYPE_CHECKING:
    from collections.abc import Callable


def tensor(name: str, location: str | None) -> onnx.TensorProto:
    """Outside the file where there is a location."""
    kept = TensorProto(name=name, dims=[2], data_type=TensorProto.FLOAT)
    if location is None:
        kept.raw_data = bytes(8)
    else:
        kept.data_location = TensorProto.EXTERNAL
        kept.external_data.add(key="location", value=location)
        kept.external_data.add(key="offset", value="64")
    return kept


def graph(weight: onnx.TensorProto, nodes: list[onnx.NodeProto]) -> onnx.GraphProto:
    """A graph with one weight."""
    return helper.make_graph(nodes, "location", [], [], [weight])


def model() -> onnx.ModelProto:
    """A model with tensors in all places that onnx knows, one of them in the file."""
    inner = graph(tensor("e", "subgraph"), [])
    nodes = [
        helper.make_node("Constant", [], ["location"], value=tensor("b", "constant")),
        helper.make_node("Made", [], ["y"], domain="up", tensors=[tensor("c", "several"), tensor("d", None)]),
        helper.make_node("If", ["y"], ["z"], then_branch=inner, branches=[inner]),
    ]
    constant = helper.make_node("Constant", [], ["v"], value=tensor("f", "function"))
    functions = [helper.make_function("up", "Made", [], ["v"], [constant], [])]
    sparse = helper.make_node("Constant", [], ["s"])
    value = onnx.SparseTensorProto(values=tensor("g", "values"), indices=tensor("h", "indices"), dims=[9])
    sparse.attribute.append(
        onnx.AttributeProto(name="sparse_value", type="SPARSE_TENSOR", sparse_tensor=value)
    )
    return helper.make_model(graph(tensor("a", "weights"), [*nodes, sparse]), functions=functions)


def by_onnx(content: bytes) -> set[str] | None:
    """The locations among weights and constants, as onnx reads them; None where it reads nothing."""
    try:
        read = onnx.load_model_from_string(content)
    except DecodeError:
        return None
    weights = [*read.graph.initializer, *(node.attribute[0].t for node in read.graph.node if node.attribute)]
    entries = [w.external_data for w in weights if w.data_location == TensorProto.EXTERNAL]
    return {entry.value for each in entries for entry in each if entry.key == "location"}


def test_all_places() -> None:
    """Weights, constants, subgraphs, functions, sparse tensors; what is in the file has no location."""
    named = {"weights", "constant", "several", "subgraph", "function", "values", "indices"}
    assert locations(model().SerializeToString()) == named


def test_a_tensor_outside_without_location() -> None:
    """It lies in no file; whoever opens the model says so."""
    unnamed = tensor("a", "gone")
    del unnamed.external_data[0]
    assert locations(helper.make_model(graph(unnamed, [])).SerializeToString()) == set()


@pytest.mark.parametrize("content", [b"no ONNX", b"\x3b\x3c", b"\x3a\x05ab", b"\xff" * 20, bytes(20)])
def test_no_wire_format(content: bytes) -> None:
    """Text, groups, a message cut short, a number without end, zeros as in a sparse file."""
    with pytest.raises(ValueError, match="no message of protobuf's wire format"):
        locations(content)


def _change(content: bytearray, at: int, byte: int) -> None:
    content[at % len(content)] = byte


def _remove(content: bytearray, at: int, byte: int) -> None:
    at %= len(content)
    del content[at : at + byte % 4]


def _insert(content: bytearray, at: int, byte: int) -> None:
    content.insert(at % len(content), byte)


@given(
    st.lists(
        st.tuples(st.sampled_from([_change, _remove, _insert]), st.integers(0, 10_000), st.integers(0, 255)),
        max_size=4,
    )
)
def test_no_bytes_hide_a_location(
    changes: list[tuple[Callable[[bytearray, int, int], None], int, int]],
) -> None:
    """What onnx finds in any bytes is found here, too, or they are refused."""
    content = bytearray(model().SerializeToString())
    for change, at, byte in changes:
        change(content, at, byte)
    expected = by_onnx(bytes(content))
    try:
        found = locations(bytes(content))
    except ValueError:
        return
    assert expected is None or expected <= found


def test_a_large_model_is_quick_to_read() -> None:
    """Values are passed over, not read."""
    weight = onnx.numpy_helper.from_array(np.zeros(4_000_000, np.float32), "weight")
    content = helper.make_model(graph(weight, [])).SerializeToString()
    assert len(content) > 16_000_000
    assert locations(content) == set()
