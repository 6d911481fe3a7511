"""From single-tensor cuts to layers: one operation with a name of its own, or one block.

The rules, in this order, along a path:

* what only moves or relabels values (Identity, Dropout, Flatten, Reshape, Transpose, Cast, Pad) is no layer:
  it belongs to the operation after it, at the end of the path to the one before; shapes belong to none;
* arithmetic with constants (Add, Sub, Mul, Div) belongs to the operation before it (a bias, a scale); ahead
  of every operation it normalises the input and belongs to the first one;
* nodes of one torch module without submodules (equal scope in their names) are one layer, up to its next
  convolution or matrix product;
* anything else between two cuts is a layer: a conv, a relu, a whole residual block.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.graph.exit_path import Layer
from edgent.graph.kernels import kernel_and_stride
from edgent.graph.layer_work import macs, parameters
from edgent.graph.lost_cut import ONE_MODULE, LostCut, lost_within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import onnx

    from edgent.graph.dataflow import Dataflow, Step
    from edgent.graph.tensor import Tensor

MOVES = {"Identity", "Dropout", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Cast", "Pad"}
ARITHMETIC = {"Add", "Sub", "Mul", "Div"}
HEAVY = ("Conv", "ConvTranspose", "Gemm", "MatMul")
KINDS = {
    "ConvTranspose": "deconv",
    "Gemm": "fc",
    "MatMul": "fc",
    "AveragePool": "avgpool",
    "GlobalAveragePool": "avgpool",
    "ReduceMean": "avgpool",
    "GlobalMaxPool": "maxpool",
    "BatchNormalization": "batchnorm",
    "LayerNormalization": "layernorm",
}
JOINS = {"Add": "residual", "Sum": "residual", "Concat": "concat"}
ROOTS = {"Pow", "Sqrt", "Reciprocal"}
SPELLED_OUT = {"lrn", "layernorm", "activation"}  # a single operation, however many nodes it is written in


@dataclass
class _Draft:
    """A layer while its nodes are being collected; ``core`` are those that decide its name and kind."""

    nodes: list[onnx.NodeProto]
    core: list[onnx.NodeProto]
    scope: str
    output: str
    lost: list[str]

    def absorb(self, nodes: Sequence[onnx.NodeProto], output: str) -> None:
        self.nodes.extend(nodes)
        self.output = output


class LayerReader:
    """Reads the layers along one path after another; a layer that paths share gets one name.

    Attributes:
        lost: where cuts are lost inside layers, in the order in which paths were read.
    """

    def __init__(
        self,
        flow: Dataflow,
        tensors: Mapping[str, Tensor],
        shapes: Mapping[str, tuple[int, ...]],
        why_refused: Callable[[str], str],
    ) -> None:
        """Prepare to read.

        Args:
            flow: of the graph.
            tensors: those that may cross a cut, by name.
            shapes: whole shapes at batch 1, by name.
            why_refused: why another tensor may not cross.
        """
        self._flow = flow
        self._tensors = tensors
        self._shapes = shapes
        self._why_refused = why_refused
        self._refused: set[str] = set()
        self.lost: dict[LostCut, None] = {}
        scopes = {_scope(node) for node in flow.nodes}
        parents = {parent for scope in scopes for parent in _parents(scope)}
        self._leaf_scopes = scopes - parents - {""}
        self._names: dict[tuple[str, ...], str] = {}
        self._numbers: Counter[str] = Counter()

    def read(self, exit_name: str) -> tuple[Layer, ...]:
        """The layers from the graph's input to an exit."""
        steps = self._flow.steps(exit_name, self._may_cross)
        return tuple(self._layer(draft) for draft in self._drafts(steps))

    def _may_cross(self, tensor: str) -> bool:
        if tensor not in self._tensors:
            self._refused.add(tensor)
        return tensor in self._tensors

    def _drafts(self, steps: Sequence[Step]) -> list[_Draft]:
        drafts: list[_Draft] = []
        waiting: list[onnx.NodeProto] = []
        for step in steps:
            core = [node for node in step.nodes if node.op_type not in MOVES]
            scope = self._leaf_scope(core)
            scales = all(self._is_scaling(node) for node in core)
            lost = lost_within(step, self._is_operation, self._refused, self._why_refused)
            if not core or (scales and not drafts):
                waiting.extend(step.nodes)
                continue
            if drafts and (scales or self._belongs(core, scope, drafts[-1])):
                drafts[-1].absorb([*waiting, *step.nodes], step.output)
                drafts[-1].core.extend(core)
                drafts[-1].lost.extend([*lost] if scales else [*lost, ONE_MODULE])
            else:
                drafts.append(_Draft([*waiting, *step.nodes], core, scope, step.output, lost))
            waiting = []
        if waiting and drafts:
            drafts[-1].absorb(waiting, steps[-1].output)
        elif waiting:
            drafts.append(_Draft(waiting, waiting, "", steps[-1].output, []))
        return drafts

    def _belongs(self, core: Sequence[onnx.NodeProto], scope: str, draft: _Draft) -> bool:
        """Whether nodes are more of the module that a draft holds."""
        second = _is_heavy(core) and _is_heavy(draft.core)
        return bool(scope) and scope == draft.scope and not second

    def _layer(self, draft: _Draft) -> Layer:
        output = self._tensors[draft.output]
        kind = self._kind(draft.core)
        nodes = tuple(node.name or node.output[0] for node in draft.nodes)
        kernel, stride = kernel_and_stride(draft.core, self._shapes)
        key = tuple(node.output[0] for node in draft.core)
        if key not in self._names:
            self._names[key] = self._name(draft.core, kind)
        if kind not in SPELLED_OUT:
            operations = sum(map(self._is_operation, draft.core))
            self.lost |= {LostCut(self._names[key], operations, reason): None for reason in draft.lost}
        return Layer(
            name=self._names[key],
            kind=kind,
            nodes=nodes,
            output=output.name,
            output_shape=output.shape,
            output_dtype=output.dtype,
            output_bytes=output.size_bytes,
            parameters=0 if kind == "lrn" else parameters(draft.core, self._flow, self._shapes),
            macs=macs(draft.core, self._shapes),
            kernel=kernel,
            stride=stride,
        )

    def _kind(self, core: Sequence[onnx.NodeProto]) -> str:
        operations = [node.op_type for node in core]
        heavy = next((name for name in HEAVY if name in operations), None)
        joins = [node.op_type for node in core if len(self._flow.data_inputs(node)) > 1]
        if joins and joins[-1] in {"Mul", "Div"}:
            if ROOTS.intersection(operations):
                return "layernorm" if "ReduceMean" in operations else "lrn"
            return "gate" if heavy else "activation"
        if joins and joins[-1] in JOINS:
            return JOINS[joins[-1]]
        first = heavy or operations[0]
        return KINDS.get(first, first.lower())

    def _name(self, core: Sequence[onnx.NodeProto], kind: str) -> str:
        common: list[str] = []
        for level in zip(*(_scope(node).split("/") for node in core), strict=False):
            if len(set(level)) > 1:
                break
            common.append(level[0])
        # torch repeats a Sequential's name in its children: trunk/trunk.0
        pairs = zip(common, [*common[1:], ""], strict=False)
        parts = [part for part, after in pairs if not after.startswith(f"{part}.")]
        stem = ".".join(filter(None, parts))
        if not stem:
            self._numbers[kind] += 1
            return f"{kind}{self._numbers[kind]}"
        if len(core) == 1 and _scope(core[0]) not in self._leaf_scopes:
            stem = f"{stem}.{kind}"
        self._numbers[stem] += 1
        return stem if self._numbers[stem] == 1 else f"{stem}_{self._numbers[stem]}"

    def _is_operation(self, node: onnx.NodeProto) -> bool:
        return node.op_type not in MOVES and not self._is_scaling(node)

    def _is_scaling(self, node: onnx.NodeProto) -> bool:
        return (
            node.op_type in ARITHMETIC
            and len(self._flow.data_inputs(node)) == 1
            and len(self._flow.constant_inputs(node)) == 1
        )

    def _leaf_scope(self, core: Sequence[onnx.NodeProto]) -> str:
        scopes = {_scope(node) for node in core}
        return scopes.pop() if len(scopes) == 1 and scopes <= self._leaf_scopes else ""


def _is_heavy(nodes: Sequence[onnx.NodeProto]) -> bool:
    return any(node.op_type in HEAVY for node in nodes)


def _scope(node: onnx.NodeProto) -> str:
    """The module path that exporters put before the operation: ``/trunk/conv1/Conv`` -> ``trunk/conv1``."""
    return str(node.name).strip("/").rpartition("/")[0]


def _parents(scope: str) -> list[str]:
    parts = scope.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
