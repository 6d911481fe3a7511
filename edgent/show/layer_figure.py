"""The layers of a path as a figure: time and output of each (the paper's Fig. 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from edgent.latency.places import Place
from edgent.show.kind_colours import KIND_COLOURS, OTHER_COLOUR
from edgent.show.plain_ticks import plain_log_ticks

if TYPE_CHECKING:
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.latency.profile import NodeProfile


def layer_figure(profile: NodeProfile, graph: BranchyGraph, exit_name: str | None = None) -> Figure:
    """Time and output bytes of each layer of a path; of the deepest exit's by default.

    Raises:
        PlanError: no such exit, or its layers were not measured.
    """
    path = graph.path_of(exit_name or graph.exit_names[-1])
    timings = [
        profile.timing(Place.of(graph, path.index, point, point + 1)) for point in range(len(path.layers))
    ]
    names = [layer.name.rpartition(".")[2] for layer in path.layers]
    figure = Figure(figsize=(max(6.0, 0.5 * len(names)), 5.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    colours = [KIND_COLOURS.get(layer.kind, OTHER_COLOUR) for layer in path.layers]
    upper.bar(range(len(names)), [timing.time_s * 1e6 for timing in timings], color=colours)
    upper.set_ylabel("time alone, µs")
    upper.set_title(f"{path.exit_name} on the {profile.node}: time and output of each layer")
    lower.bar(range(len(names)), [layer.output_bytes / 1024 for layer in path.layers], color=colours)
    lower.axhline(path.source.size_bytes / 1024, color="0.3", linestyle="--", linewidth=1)
    lower.annotate(
        f"the input: {path.source.size_bytes:,} bytes",
        (len(names) - 0.5, path.source.size_bytes / 1024),
        ha="right",
        va="bottom",
        fontsize=8,
    )
    lower.set_yscale("log")
    plain_log_ticks(lower.yaxis)
    lower.set_ylabel("output as float32, KiB")
    lower.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor")
    for panel in (upper, lower):
        panel.spines[["top", "right"]].set_visible(False)
    return figure
