"""Where exactly one tensor crosses: the data flow of an ONNX graph and its single-tensor cuts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    import onnx


@dataclass(frozen=True)
class Step:
    """The nodes between two neighbouring cuts, in topological order, and the tensor that leaves them."""

    nodes: tuple[onnx.NodeProto, ...]
    output: str


class Dataflow:
    """Which tensors carry the sample, and which are constants or mere shapes.

    A tensor is *constant* when the graph's input has no influence on it, and a *shape* when only the
    shapes of other tensors have. What depends on either is computed on the side that needs it, so neither
    crosses a cut.
    """

    def __init__(self, graph: onnx.GraphProto, source: str, known: Container[str] | None = None) -> None:
        """Follow the sample through the graph.

        Args:
            graph: in topological order.
            source: its input.
            known: the tensors whose shapes are known, so that any side can tell them; all when None.
        """
        self.source = source
        self.nodes: list[onnx.NodeProto] = list(graph.node)
        self._known = known
        self._producer = {
            name: index for index, node in enumerate(self.nodes) for name in node.output if name
        }
        self._varying = {source}
        self._data = {source}
        for node in self.nodes:
            if self._varying.intersection(node.input):
                self._varying.update(filter(None, node.output))
            if self._data.intersection(node.input) and not self.reads_known_shape(node):
                self._data.update(filter(None, node.output))

    def reads_known_shape(self, node: onnx.NodeProto) -> bool:
        """Whether a node reads nothing but a shape, and one that is known."""
        known = self._known is None or all(name in self._known for name in node.input)
        return reads_shape(node) and known

    def depends_on_source(self, tensor: str) -> bool:
        """Whether the sample's values reach this tensor."""
        return tensor in self._data

    def data_inputs(self, node: onnx.NodeProto) -> list[str]:
        """The inputs of a node that carry the sample, each once."""
        return [name for name in dict.fromkeys(node.input) if name in self._data]

    def constant_inputs(self, node: onnx.NodeProto) -> list[str]:
        """The inputs of a node that are constants, as weights are."""
        return [name for name in node.input if name and name not in self._varying]

    def first_unknown(self, tensor: str) -> onnx.NodeProto | None:
        """The first node before a tensor whose output has no known shape; None where all are known."""
        for index in self._ancestors(tensor):
            if not any(self._known is None or name in self._known for name in self.nodes[index].output):
                node: onnx.NodeProto = self.nodes[index]
                return node
        return None

    def steps(self, exit_name: str, may_cross: Callable[[str], bool]) -> list[Step]:
        """Cut the ancestors of an exit wherever exactly one tensor that carries the sample crosses.

        Such a tensor lies on every way from the input to the exit, so each node comes either before or after
        it in any topological order and the cuts do not depend on the order chosen. Cuts whose tensor
        ``may_cross`` refuses are left out.
        """
        nodes = [self.nodes[index] for index in self._ancestors(exit_name)]
        last_use = {name: k for k, node in enumerate(nodes) for name in self.data_inputs(node)}
        last_use[exit_name] = len(nodes)
        steps: list[Step] = []
        crossing = {self.source}
        begin = 0
        for k, node in enumerate(nodes):
            crossing.update(name for name in node.output if name in last_use and last_use[name] > k)
            crossing.difference_update([name for name in crossing if last_use[name] <= k])
            if len(crossing) == 1:
                (output,) = crossing
                if output == exit_name or may_cross(output):
                    steps.append(Step(tuple(nodes[begin : k + 1]), output))
                    begin = k + 1
        return steps

    def between(self, first: str, last: str) -> list[onnx.NodeProto]:
        """The nodes that compute one tensor from another, those of constants and shapes among them.

        Of nodes that read a known shape it takes the node and not what it reads.
        """
        chosen: set[int] = set()
        pending = [last]
        while pending:
            name = pending.pop()
            index = self._producer.get(name)
            if name == first or index is None or index in chosen:
                continue
            chosen.add(index)
            node = self.nodes[index]
            known = self.data_inputs(node) if self.reads_known_shape(node) else ()
            pending.extend(name for name in node.input if name not in known)
        return [self.nodes[index] for index in sorted(chosen)]

    def _ancestors(self, tensor: str) -> list[int]:
        """Indices of the nodes that carry the sample to a tensor, in the graph's (topological) order."""
        ancestors: set[int] = set()
        pending = [tensor]
        while pending:
            name = pending.pop()
            index = self._producer.get(name)
            if name in self._data and index is not None and index not in ancestors:
                ancestors.add(index)
                pending.extend(self.nodes[index].input)
        return sorted(ancestors)


def reads_shape(node: onnx.NodeProto) -> bool:
    """Whether a node reads nothing but the shape of its input."""
    return node.op_type in {"Shape", "Size"} and node.domain in {"", "ai.onnx"}


def describe(node: onnx.NodeProto) -> str:
    """An operator for a message: its type, its domain where it is not ONNX's own, its name."""
    domain = f" of {node.domain}" if node.domain else ""
    name = f" ({node.name})" if node.name else ""
    return f"{node.op_type}{domain}{name}"
