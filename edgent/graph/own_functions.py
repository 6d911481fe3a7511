"""Functions of a model's own, which stand for nodes wherever they are called."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from onnx import inliner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import onnx

MOST_NODES = 1_000_000
"""Nodes of a network: functions that call one another may come to any number in a few lines."""


def written_out(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network with the nodes of its functions in the place of calls."""
    return inliner.inline_local_functions(model) if model.functions else model


def has_too_many_nodes(model: onnx.ModelProto) -> bool:
    """Whether a network has more than ``MOST_NODES`` where its functions are written out."""
    bodies: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for function in model.functions:
        bodies[function.domain, function.name].extend(_operators(function.node))
    count, calls = 0, Counter(_operators(model.graph.node))
    while calls and count <= MOST_NODES:
        count += calls.total()
        inner: Counter[tuple[str, str]] = Counter()
        for operator, times in calls.items():
            for called in bodies.get(operator, ()):
                inner[called] += times
        calls = inner
    return count > MOST_NODES


def _operators(nodes: Iterable[onnx.NodeProto]) -> Iterator[tuple[str, str]]:
    """Domain and type of each node, those of subgraphs among them."""
    for node in nodes:
        yield node.domain, node.op_type
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                yield from _operators(graph.node)
