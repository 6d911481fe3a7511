"""Where plans cannot cut a network, because what crosses there is too large for a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.core.wire import LARGEST_TENSOR_BYTES
from edgent.latency.crossing import can_cross

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.tensor import Tensor


def unusable_cuts(graph: BranchyGraph) -> Iterator[str]:
    """A sentence for each tensor that could cross and that heads refuse; the input's, if it is one, alone."""
    if not can_cross(graph.source):
        yield f"every plan is device-only: the input, {_too_large(graph.source)}"
        return
    for head in graph.heads():
        if not can_cross(head.tensor):
            exits = ", ".join(graph.exit_names[index] for index in head.exits)
            yield (
                f"no plan cuts {exits} at partition point {head.partition_point}: what crosses there, "
                f"{_too_large(head.tensor)}"
            )


def _too_large(tensor: Tensor) -> str:
    return (
        f"{tensor.dtype} of shape {list(tensor.shape)}, is more than the {LARGEST_TENSOR_BYTES / 2**20:.0f} "
        "MiB that a frame holds"
    )
