"""Where exactly one tensor crosses: the data flow of an ONNX graph and its single-tensor cuts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import onnx


@dataclass(frozen=True)
class Step:
    """The nodes between two neighbouring cuts, in topological order, and the tensor that leaves them."""

    nodes: tuple[onnx.NodeProto, ...]
    output: str


class Dataflow:
    """Which tensors carry the sample, and which are constants or mere shapes.

    A tensor is *constant* when the graph's input has no influence on it, and a *shape* when only the
    shapes of other tensors have. What depends on either is computed on the side that needs it.
    """

    def __init__(self, graph: onnx.GraphProto, source: str) -> None:
        self.source = source
        self.nodes = list(graph.node)
        self._producer = {
            name: index for index, node in enumerate(self.nodes) for name in node.output if name
        }
        self._varying = {source}
        self._data = {source}
        for node in self.nodes:
            if self._varying.intersection(node.input):
                self._varying.update(filter(None, node.output))
            if self._data.intersection(node.input) and node.op_type not in {"Shape", "Size"}:
                self._data.update(filter(None, node.output))

    def depends_on_source(self, tensor: str) -> bool:
        """Whether the sample's values reach this tensor."""
        return tensor in self._data

    def data_inputs(self, node: onnx.NodeProto) -> list[str]:
        """The inputs of a node that carry the sample, each once."""
        return [name for name in dict.fromkeys(node.input) if name in self._data]

    def constant_inputs(self, node: onnx.NodeProto) -> list[str]:
        """The inputs of a node that are constants, as weights are."""
        return [name for name in node.input if name and name not in self._varying]

    def steps(self, exit_name: str, may_cross: Callable[[str], bool]) -> list[Step]:
        """Cut the ancestors of an exit wherever exactly one varying tensor crosses.

        Such a tensor lies on every way from the input to the exit, so each node comes either before or after
        it in any topological order and the cuts do not depend on the order chosen. Cuts whose tensor
        ``may_cross`` refuses are left out.
        """
        nodes = [self.nodes[index] for index in self._ancestors(exit_name)]
        last_use = {name: k for k, node in enumerate(nodes) for name in node.input if name in self._varying}
        last_use[exit_name] = len(nodes)
        steps: list[Step] = []
        crossing = {self.source}
        begin = 0
        for k, node in enumerate(nodes):
            crossing.update(name for name in node.output if name in last_use and last_use[name] > k)
            crossing.difference_update([name for name in crossing if last_use[name] <= k])
            if len(crossing) == 1:
                (output,) = crossing
                if output == exit_name or (output in self._data and may_cross(output)):
                    steps.append(Step(tuple(nodes[begin : k + 1]), output))
                    begin = k + 1
        return steps

    def _ancestors(self, tensor: str) -> list[int]:
        """Indices of the varying nodes that lead to a tensor, in the graph's (topological) order."""
        ancestors: set[int] = set()
        pending = [tensor]
        while pending:
            name = pending.pop()
            index = self._producer.get(name)
            if name in self._varying and index is not None and index not in ancestors:
                ancestors.add(index)
                pending.extend(self.nodes[index].input)
        return sorted(ancestors)
