"""The report of static networks: prediction, regret, and edge-only latencies beside the paper's."""

from collections.abc import Sequence
from statistics import median

from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from benchmarks.studies.static.measure import LinkResult
from benchmarks.studies.static.regret import MeasuredPlan
from benchmarks.studies.static.summary import Cell, Summary
from benchmarks.studies.study import Picture, Report, Table
from benchmarks.testbed.plan_costs import latencies_s

TARGETS_S = {50e3: (0.40, 0.18), 1e6: (0.030, 0.030)}
"""By rate: edge-only without loss at most, and with the lossy input codec."""
PAPER_S = {50e3: 2.317, 1e6: 0.123}
"""What the paper reports for edge-only."""
_REGRET = (
    "After calibration. Regret: share of the best measured plan's accuracy in time that is given away, plus "
    "what is lost in latency to the fastest measured plan worth as much."
)
_NOTE = (
    "Every plan that was measured, on every link; on the line what was predicted is measured. Predictions "
    "after calibration are left out; the table has those of chosen plans."
)
_CODECS = ("float32", "raw", "webp", "jpeg")
_COLOURS = ("#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#d8c400")


def report(
    results: Sequence[LinkResult],
    summary: Summary,
    edge_only: Sequence[MeasuredPlan],
    at_full_speed: Sequence[MeasuredPlan],
) -> Report:
    """The report of what was measured so far."""
    fast_note = "Median from input to answer, ms; the deepest exit. From a device at full speed:"
    slow_note = "From the slow device, which takes time to write the input and to handle the answer:"
    return Report(
        tables=[
            _figures(summary),
            _edge_only("Edge-only", fast_note, at_full_speed),
            _edge_only("", slow_note, edge_only),
            _cells(summary.cells),
        ],
        pictures={"static-plans.png": Picture("Predicted against measured latency", _figure(results), _NOTE)},
        records={
            "static-plans": [measured for result in results for measured in result.plans],
            "static-predictions": [prediction for result in results for prediction in result.predictions],
            "static-cells": summary.cells,
        },
    )


def _figures(summary: Summary) -> Table:
    rows = [
        ("plans measured on every link", f"{summary.plans}", "at least 40"),
        ("first prediction off by, median of the cells", f"{summary.fresh_error:.1%}", "at most 10 %"),
        ("after 20 requests, median of the cells", f"{summary.calibrated_error:.1%}", "at most 5 %"),
        ("after 20 requests, median of single requests", f"{summary.single_error:.1%}", ""),
        ("regret, mean", f"{summary.mean_regret:.2%}", "at most 2 %"),
        ("regret, 95th percentile", f"{summary.p95_regret:.1%}", "at most 10 %"),
    ]
    return Table("", ("", "measured", "wanted"), rows)


def _edge_only(title: str, note: str, measured: Sequence[MeasuredPlan]) -> Table:
    rows = []
    for rate_bps in dict.fromkeys(of_plan.rate_bps for of_plan in measured):
        by_codec = {
            of_plan.plan.codec_up: f"{of_plan.median_s * 1e3:,.0f}"
            for of_plan in measured
            if of_plan.rate_bps == rate_bps
        }
        targets = ", ".join(f"{target_s * 1e3:.0f}" for target_s in TARGETS_S.get(rate_bps, ()))
        paper = f"{PAPER_S[rate_bps] * 1e3:,.0f}" if rate_bps in PAPER_S else ""
        medians = (by_codec.get(codec, "") for codec in _CODECS)
        rows.append((f"{rate_bps / 1e3:,g} kbps", *medians, targets, paper))
    return Table(title, ("link", *_CODECS, "wanted: lossless, lossy", "the paper"), rows, note)


def _cells(cells: Sequence[Cell]) -> Table:
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
    predicted, off = "predicted: first, then", "off by"
    heads = ("kbps", "within, ms", "chosen", predicted, "took, ms", off, "best measured", "regret")
    return Table("Chosen plans", heads, rows, _REGRET)


def _figure(results: Sequence[LinkResult]) -> Figure:
    """Predicted against measured latency of every measured plan, on the link as it was first measured."""
    figure = Figure(figsize=(7, 6), layout="constrained")
    axes = figure.add_subplot()
    for result, colour in zip(results, _COLOURS, strict=False):
        predicted_s = latencies_s(result.known.costs, result.known.link)
        axes.plot(
            [median(measured.latency_s) * 1e3 for measured in result.plans],
            [predicted_s[measured.plan] * 1e3 for measured in result.plans],
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
    return figure
