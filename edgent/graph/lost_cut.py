"""Places inside a layer where a network cannot be cut, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import onnx

    from edgent.graph.dataflow import Step

SEVERAL_CROSS = "two tensors or more cross everywhere inside"
ONE_MODULE = "the exporter wrote its operations as one module without submodules"


@dataclass(frozen=True)
class LostCut:
    """A layer of several operations that has no partition point between them.

    Attributes:
        layer: its name.
        operations: how many it holds.
        reason: why they are not apart, as part of a sentence.
    """

    layer: str
    operations: int
    reason: str


def lost_within(
    step: Step,
    is_operation: Callable[[onnx.NodeProto], bool],
    refused: Collection[str],
    why: Callable[[str], str],
) -> list[str]:
    """Why the operations of a step are not apart.

    Args:
        step: nodes between two neighbouring cuts.
        is_operation: whether a node would be a layer by itself.
        refused: tensors that cross alone, but may not.
        why: why such a tensor may not.
    """
    operations_between = [0]
    gaps: list[str] = []
    for node in step.nodes:
        operations_between[-1] += is_operation(node)
        alone = [name for name in node.output if name in refused]
        if alone and operations_between[-1]:
            gaps.append(alone[0])
            operations_between.append(0)
    inner = gaps if operations_between[-1] else gaps[:-1]
    several = [SEVERAL_CROSS] if max(operations_between) > 1 else []
    return [*map(why, inner), *several]
