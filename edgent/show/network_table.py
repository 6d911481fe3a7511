"""The network as a table, for ``edgent show``: the trunk, each branch, and what every exit costs in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

from edgent.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.exit_path import ExitPath


def layer_table(graph: BranchyGraph) -> Table:
    """Layers with the partition point behind each: shape and bytes of what crosses there, weights and work.

    Bytes and multiply-accumulates are those of one sample.
    """
    table = Table(
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        title=f"{graph.path.name}: {counted(len(graph.paths), 'exit')}, sha256 {graph.sha256[:16]}",
    )
    table.add_column("p", justify="right")
    table.add_column("layer", overflow="fold")
    table.add_column("kind")
    table.add_column("output", justify="right")
    table.add_column("bytes", justify="right")
    table.add_column("parameters", justify="right")
    table.add_column("MACs", justify="right")
    table.add_column("leaves here")

    trunk = graph.paths[-1]
    table.add_row(
        "0",
        graph.input_name,
        f"input, {graph.input_dtype}",
        _shape(graph.input_shape),
        f"{graph.source.size_bytes:,}",
        "",
        "",
        _leaving(graph, 0),
    )
    for point in trunk.partition_points[1:]:
        table.add_row(*_cells(trunk, point), _leaving(graph, point))
    for path in graph.paths[:-1]:
        table.add_section()
        branch = path.partition_points[path.leaves_after + 1 :]
        for point in branch:
            table.add_row(*_cells(path, point), path.exit_name if point == branch[-1] else "")
    table.add_section()
    for path in graph.paths:
        table.add_row(
            str(len(path.layers)),
            f"all of {path.exit_name}",
            "path",
            "",
            "",
            f"{path.parameters:,}",
            f"{path.macs:,}",
            style="bold",
        )
    return table


def lost_cut_lines(graph: BranchyGraph) -> list[str]:
    """Where the network has no partition points and why, a sentence for each reason."""
    layers: dict[str, list[str]] = {}
    for lost in graph.lost:
        layers.setdefault(lost.reason, []).append(f"{lost.layer} ({counted(lost.operations, 'operation')})")
    return [f"no partition point inside {', '.join(names)}: {reason}" for reason, names in layers.items()]


def _cells(path: ExitPath, point: int) -> Iterable[str]:
    layer = path.layers[point - 1]
    yield str(point)
    yield layer.name
    yield layer.kind
    yield _shape(layer.output_shape)
    yield f"{layer.output_bytes:,}"
    yield f"{layer.parameters:,}" if layer.parameters else ""
    yield f"{layer.macs:,}" if layer.macs else ""


def _leaving(graph: BranchyGraph, point: int) -> str:
    """Which branches leave the trunk at a partition point; at its end, the deepest exit."""
    trunk = graph.paths[-1]
    names = [f"to {path.exit_name}" for path in graph.paths[:-1] if path.leaves_after == point]
    if point == len(trunk.layers):
        names.append(trunk.exit_name)
    return ", ".join(names)


def _shape(shape: Iterable[int]) -> str:
    return "x".join(map(str, shape))
