"""The report: tables for docs, CSV files with every request, and a figure."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from benchmarks.studies.static.measuring import LinkResult
from benchmarks.studies.static.regret import MeasuredPlan
from benchmarks.studies.static.summary import Cell, Summary

TARGETS_S = {50e3: (0.40, 0.18), 1e6: (0.030, 0.030)}
"""By rate: edge-only without loss at most, and with the lossy input codec."""
_REGRET = (
    "After calibration. Regret: share of the best measured plan's accuracy in time that is given away, plus "
    "what is lost in latency to the fastest measured plan worth as much."
)
PAPER_S = {50e3: 2.317, 1e6: 0.123}
"""What the paper reports for edge-only."""


def markdown(
    summary: Summary,
    edge_only: dict[float, dict[str, MeasuredPlan]],
    at_full_speed: dict[float, dict[str, MeasuredPlan]],
    circumstances: str,
) -> str:
    """The page for docs."""
    return "\n".join(
        [
            "# Static networks: prediction and regret",
            "",
            "Made by `python -m benchmarks.studies.static`; how it is measured is in [static.md](static.md).",
            circumstances,
            "",
            *_figures(summary),
            "",
            "## Edge-only",
            "",
            "Median from input to answer, ms; the deepest exit. From a device at full speed:",
            "",
            *_edge_only(at_full_speed),
            "",
            "From the slow device, which takes time to write the input and to handle the answer:",
            "",
            *_edge_only(edge_only),
            "",
            "## Chosen plans",
            "",
            _REGRET,
            "",
            *_cells(summary.cells),
            "",
        ]
    )


def _figures(summary: Summary) -> list[str]:
    rows = [
        ("plans measured on every link", f"{summary.plans}", "at least 40"),
        ("first prediction off by, median of the cells", f"{summary.fresh_error:.1%}", "at most 10 %"),
        ("after 20 requests, median of the cells", f"{summary.calibrated_error:.1%}", "at most 5 %"),
        ("after 20 requests, median of single requests", f"{summary.single_error:.1%}", ""),
        ("regret, mean", f"{summary.mean_regret:.2%}", "at most 2 %"),
        ("regret, 95th percentile", f"{summary.p95_regret:.1%}", "at most 10 %"),
    ]
    return _table(("", "measured", "wanted"), rows)


def _edge_only(edge_only: dict[float, dict[str, MeasuredPlan]]) -> list[str]:
    codecs = ("float32", "raw", "webp", "jpeg")
    rows = []
    for rate_bps, plans in edge_only.items():
        row = [f"{rate_bps / 1e3:,g} kbps"]
        row += [f"{plans[codec].median_s * 1e3:,.0f}" if codec in plans else "" for codec in codecs]
        lossless_s, lossy_s = TARGETS_S.get(rate_bps, (None, None))
        row.append(f"{lossless_s * 1e3:.0f}, {lossy_s * 1e3:.0f}" if lossless_s and lossy_s else "")
        row.append(f"{PAPER_S[rate_bps] * 1e3:,.0f}" if rate_bps in PAPER_S else "")
        rows.append(row)
    return _table(("link", *codecs, "wanted: lossless, lossy", "the paper"), rows)


def _cells(cells: Sequence[Cell]) -> list[str]:
    rows = [
        (
            f"{cell.rate_bps / 1e3:,g}",
            f"{cell.latency_requirement_s * 1e3:g}",
            f"`{cell.chosen.plan}`",
            f"{cell.fresh_s * 1e3:.0f}, {cell.predicted_s * 1e3:.0f}",
            f"{cell.took_s * 1e3:.0f}",
            f"{cell.error:+.0%}",
            f"`{cell.regret.best}`",
            f"{cell.regret.value:.1%} + {cell.regret.latency:.1%}",
        )
        for cell in cells
    ]
    heads = (
        "kbps",
        "within, ms",
        "chosen",
        "predicted: first, then",
        "took, ms",
        "off by",
        "best measured",
        "regret",
    )
    return _table(heads, rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def write_csv(results: Sequence[LinkResult], summary: Summary, folder: Path) -> None:
    """Every request of every plan, every prediction, and every cell."""
    _write(
        folder / "static-plans.csv",
        ("rate_kbps", "plan", "accuracy", "latency_ms"),
        (
            (result.rate_bps / 1e3, one.plan, one.accuracy, round(latency_s * 1e3, 3))
            for result in results
            for one in result.plans
            for latency_s in one.latency_s
        ),
    )
    _write(
        folder / "static-predictions.csv",
        ("rate_kbps", "requirement_ms", "number", "plan", "predicted_ms", "measured_ms"),
        (
            (
                result.rate_bps / 1e3,
                one.latency_requirement_s * 1e3,
                one.number,
                one.plan,
                round(one.predicted_s * 1e3, 3),
                round(one.measured_s * 1e3, 3),
            )
            for result in results
            for one in result.predictions
        ),
    )
    _write(
        folder / "static-cells.csv",
        ("rate_kbps", "requirement_ms", "chosen", "latency_ms", "best", "value_regret", "latency_regret"),
        (
            (
                cell.rate_bps / 1e3,
                cell.latency_requirement_s * 1e3,
                cell.chosen.plan,
                round(cell.chosen.median_s * 1e3, 3),
                cell.regret.best,
                round(cell.regret.value, 5),
                round(cell.regret.latency, 5),
            )
            for cell in summary.cells
        ),
    )


def _write(path: Path, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        writer.writerows(rows)


def figure(results: Sequence[LinkResult]) -> Figure:
    """Predicted against measured latency of every measured plan, on the link as it was first measured."""
    drawn = Figure(figsize=(7, 6), layout="constrained")
    axes = drawn.add_subplot()
    colours = ["#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#d8c400"]
    for result, colour in zip(results, colours, strict=False):
        predicted_s = result.known.candidates.latency_s(result.known.link)
        index = [result.known.candidates.index_of(one.plan) for one in result.plans]
        axes.plot(
            [median(one.latency_s) * 1e3 for one in result.plans],
            predicted_s[index] * 1e3,
            "o",
            markersize=4,
            alpha=0.7,
            color=colour,
            label=f"{result.rate_bps / 1e3:,g} kbps",
        )
    low, high = axes.get_xlim()
    low = max(low, 1.0)
    axes.plot([low, high], [low, high], color="black", linewidth=0.8)
    axes.set(xscale="log", yscale="log", xlabel="measured latency, ms", ylabel="predicted latency, ms")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(ScalarFormatter())
    axes.set_title("Every measured plan, before any calibration")
    axes.legend(title="link", frameon=False)
    axes.grid(which="major", alpha=0.3)
    return drawn
