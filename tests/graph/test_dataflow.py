"""Cuts of small random graphs against a search over all tensors."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from onnx import GraphProto, helper

from edgent.graph.dataflow import Dataflow


@st.composite
def graphs(draw: st.DrawFn) -> GraphProto:
    """Graphs of Relu, Add and Mul on any earlier tensors, a constant and an occasional shape among them."""
    tensors = ["image", "weight"]
    nodes = []
    for index in range(draw(st.integers(1, 14))):
        operation = draw(st.sampled_from(["Relu", "Relu", "Relu", "Add", "Mul", "Shape"]))
        recent = tensors[-3:] if draw(st.booleans()) else tensors
        inputs = [draw(st.sampled_from(recent)) for _ in range(1 if operation in {"Relu", "Shape"} else 2)]
        tensors.append(f"t{index}")
        nodes.append(helper.make_node(operation, inputs, [tensors[-1]]))
    return helper.make_graph(nodes, "random", [], [])


def reaches(graph: GraphProto, source: str, target: str, without: str | None = None) -> bool:
    """Whether values get from one tensor to another, on a way that does not pass through a third."""
    reached = {source} - {without}
    for node in graph.node:
        if reached.intersection(node.input) and node.op_type != "Shape":
            reached.update(set(node.output) - {without})
    return target in reached


@given(graphs())
def test_cuts_are_the_tensors_every_way_passes(graph: GraphProto) -> None:
    """A tensor is a cut if without it the input no longer reaches the exit; no cut is missed."""
    flow = Dataflow(graph, "image")
    exit_name = graph.node[-1].output[0]
    if not flow.depends_on_source(exit_name):
        return
    names = [node.output[0] for node in graph.node if flow.depends_on_source(node.output[0])]
    expected = [name for name in names if not reaches(graph, "image", exit_name, without=name)]
    assert [step.output for step in flow.steps(exit_name, lambda _: True)] == expected


@given(graphs())
def test_exactly_one_tensor_crosses(graph: GraphProto) -> None:
    """What later steps read from earlier ones, constants and shapes aside, is the one tensor of the cut."""
    flow = Dataflow(graph, "image")
    exit_name = graph.node[-1].output[0]
    if not flow.depends_on_source(exit_name):
        return
    steps = flow.steps(exit_name, lambda _: True)
    for count in range(1, len(steps)):
        before = {name for step in steps[:count] for node in step.nodes for name in node.output} | {"image"}
        after = {name for step in steps[count:] for node in step.nodes for name in node.input}
        assert before & after == {steps[count - 1].output}


@given(graphs())
def test_steps_hold_each_node_once(graph: GraphProto) -> None:
    """The steps are the exit's ancestors that the input's values reach: none twice, none left out."""
    flow = Dataflow(graph, "image")
    exit_name = graph.node[-1].output[0]
    if not flow.depends_on_source(exit_name):
        return
    nodes = [node.output[0] for step in flow.steps(exit_name, lambda _: True) for node in step.nodes]
    names = [node.output[0] for node in graph.node]
    expected = [n for n in names if reaches(graph, "image", n) and reaches(graph, n, exit_name)]
    assert nodes == expected


@given(graphs())
def test_unknown_shapes_cross(graph: GraphProto) -> None:
    """A Shape node whose tensor has no known shape carries the sample: only the first side can read it."""
    flow = Dataflow(graph, "image", known=())
    for node in graph.node:
        assert flow.depends_on_source(node.output[0]) == any(map(flow.depends_on_source, node.input))


def test_refused_cuts_are_left_out() -> None:
    """A tensor that may not cross joins the steps around it; the exit's output always ends the last."""
    names = ["image", "a", "b", "exit"]
    nodes = [helper.make_node("Relu", [x], [y]) for x, y in pairwise(names)]
    flow = Dataflow(helper.make_graph(nodes, "chain", [], []), "image")
    assert [step.output for step in flow.steps("exit", lambda name: name == "b")] == ["b", "exit"]
