"""The report of equality: how far answers by way of windows are from the unsplit network's."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from benchmarks.studies.palette import CYCLE
from benchmarks.studies.study import PLAIN, Picture, Report, Table
from benchmarks.studies.windows.equality import Compared
from benchmarks.studies.windows.fusion import Fused

WANTED = 1e-5
_NOTE = (
    "Exact: what the edge answers is, bit for bit, what the same segment gives in the measuring process. "
    "Difference: of an exit's outputs from those of the unsplit network."
)
_READING = (
    "Bars are stacked. The one on the left, at 1e-9, stands for windows without any difference, which a "
    "logarithmic axis has no place for. Windows in one process, without an edge, are left out; the table "
    "has them."
)
_HEADS = (
    "network",
    "endpoint",
    "interface",
    "windows",
    "exact",
    "same label",
    "nothing differs",
    "largest difference",
    "over the largest output",
)
_LEAST = 1e-9  # where "none" is drawn


def report(compared: Sequence[Compared], fused: Sequence[Fused]) -> Report:
    """The report of all windows.

    Args:
        compared: Through the edge.
        fused: In one process.
    """
    groups: dict[tuple[str, str, str], list[Compared]] = defaultdict(list)
    for one in compared:
        groups[_kind(one)].append(one)
    return Report(
        [_fact(compared)],
        [Table("Equal answers", _HEADS, [_row(group) for group in groups.values()], _NOTE), _fusion(fused)],
        {"windows-equality.png": Picture("Windows by their largest difference", _figure(compared), _READING)},
        {"windows-equality": compared},
    )


def _kind(compared: Compared) -> tuple[str, str, str]:
    return compared.network, compared.endpoint, compared.interface


def _row(group: Sequence[Compared]) -> tuple[str, ...]:
    first, count = group[0], len(group)
    largest = max(group, key=lambda one: one.difference)
    return (
        first.network,
        "the pipeline's" if first.endpoint == "pipeline" else "the head's own",
        first.interface,
        str(count),
        str(sum(one.is_exact for one in group)),
        str(sum(one.is_same_label for one in group)),
        str(sum(one.difference == 0 for one in group)),
        f"{largest.difference:.1e}",
        f"{max(one.difference / one.largest_output for one in group):.1e}",
    )


def _fact(compared: Sequence[Compared]) -> str:
    exact = sum(one.is_exact for one in compared)
    labels = sum(one.is_same_label for one in compared)
    largest = max(one.difference for one in compared)
    return (
        f"{len(compared):,} windows asked of endpoints: {exact:,} are exact, {labels:,} give the unsplit "
        f"network's labels; the largest difference is {largest:.1e} (wanted: at most {WANTED:g})."
    )


def _fusion(fused: Sequence[Fused]) -> Table:
    rows = [
        (
            one.network,
            one.level,
            str(one.windows),
            str(one.exact),
            f"{one.difference:.1e}",
            f"{one.whole_s * 1e3:.2f}",
        )
        for one in fused
    ]
    heads = ("network", "graph optimisation", "windows", "exact", "largest difference", "whole path, ms")
    return Table("", heads, rows, "Cut and uncut in one process, without any edge, by onnxruntime's level:")


def _figure(compared: Sequence[Compared]) -> Figure:
    """How many windows of each network differ by how much."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.set_prop_cycle(color=CYCLE)
    names = list(dict.fromkeys(one.network for one in compared))
    edges = np.geomspace(_LEAST / 2, 10 * WANTED, 22)
    values = [[max(one.difference, _LEAST) for one in compared if one.network == name] for name in names]
    axes.hist(values, bins=edges.tolist(), stacked=True, label=names)
    axes.axvline(WANTED, color="black", linewidth=0.8, linestyle="--")
    axes.annotate("wanted", (WANTED, axes.get_ylim()[1]), (-2, -2), textcoords="offset points", rotation=90)
    axes.texts[-1].set(ha="right", va="top")
    axes.set(xscale="log", xlabel=f"largest difference of an output ({_LEAST:g}: none)", ylabel="windows")
    axes.yaxis.set_major_formatter(PLAIN)
    axes.legend(frameon=False)
    return figure
