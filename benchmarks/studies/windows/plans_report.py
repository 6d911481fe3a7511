"""The report of plans: what was chosen, predicted and measured."""

from collections.abc import Sequence
from dataclasses import astuple, fields
from statistics import median

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from benchmarks.studies.study import Picture, Report, Table
from benchmarks.studies.windows.plan_parts import PlanParts
from benchmarks.studies.windows.plans import SLOWDOWN, Chosen

LARGEST_ERROR = 0.1
_PICTURE = "Predicted against measured latency of what was chosen"
_READING = (
    "A point is a choice of a spec on a link within a requirement; on the line what was predicted is "
    "measured. Predictions after learning are left out; the table has them."
)
_COLOURS = {"edge_seconds": "#365c8d", "input_stays": "#d95f02"}


def report(chosen: Sequence[Chosen]) -> Report:
    """The report of one run."""
    return Report(
        [_fact(chosen)],
        [_table(chosen), _parts(chosen)],
        {"windows-plans.png": Picture(_PICTURE, _figure(chosen), _READING)},
        {"windows-plans": chosen},
    )


def _fact(chosen: Sequence[Chosen]) -> str:
    inner = [one for one in chosen if one.is_inner]
    within = sum(abs(one.error) <= LARGEST_ERROR for one in inner)
    calibrated = sum(abs(one.calibrated_error) <= LARGEST_ERROR for one in chosen)
    typical = median(abs(one.error) for one in chosen)
    return (
        f"Device {SLOWDOWN:g}x slower: {len(inner)} of {len(chosen)} choices are inner windows, of which "
        f"{within} take what was predicted within {LARGEST_ERROR:.0%} (median error of all choices "
        f"{typical:.1%}); of runtimes that have learnt, {calibrated} of {len(chosen)} predict within "
        f"{LARGEST_ERROR:.0%}."
    )


def _table(chosen: Sequence[Chosen]) -> Table:
    rows = [
        (
            one.wish,
            f"{one.rate_bps / 1e6:g}",
            f"{one.latency_requirement_s * 1e3:g}",
            f"`{one.plan}`",
            f"{one.predicted_s * 1e3:.1f}",
            f"{median(one.measured_s) * 1e3:.1f}",
            f"{one.error:+.1%}",
            f"{one.calibrated_error:+.1%}" if one.calibrated else "other plans",
        )
        for one in chosen
    ]
    heads = ("spec", "Mbps", "within, ms", "chosen", "predicted, ms", "took, ms", "off by", "after learning")
    note = (
        "Predicted from profiles of both nodes, made in the same run, and the link as it was measured when "
        "the device began; took: the median. After learning: a runtime that chooses for itself, its latest "
        "requests, median."
    )
    return Table("Plans and their times", heads, rows, note)


def _parts(chosen: Sequence[Chosen]) -> Table:
    """Predicted and measured parts of what was chosen, each plan and link once."""
    once = {(one.plan, one.rate_bps): one for one in chosen}.values()
    rows = [
        (
            f"`{one.plan}`",
            f"{one.rate_bps / 1e6:g}",
            *(
                f"{predicted * 1e3:.1f}, {measured * 1e3:.1f}"
                for predicted, measured in zip(*map(astuple, one.parts), strict=True)
            ),
        )
        for one in once
    ]
    heads = ("plan", "Mbps", *(f.name.removesuffix("_s").replace("_", " ") for f in fields(PlanParts)))
    note = (
        "Predicted, measured, in ms; layers and codecs are the device's, network is all else of the exchange."
    )
    return Table("", heads, rows, note)


def _figure(chosen: Sequence[Chosen]) -> Figure:
    """Predicted against measured, on both axes the same scale."""
    figure = Figure(figsize=(6, 5.5), layout="constrained")
    axes = figure.add_subplot()
    for wish, colour in _COLOURS.items():
        of_wish = [one for one in chosen if one.wish == wish]
        measured_ms = [median(one.measured_s) * 1e3 for one in of_wish]
        axes.plot(measured_ms, [one.predicted_s * 1e3 for one in of_wish], "o", color=colour, label=wish)
    ends = np.array(axes.get_xlim())
    axes.plot(ends, ends, color="black", linewidth=0.8)
    axes.fill_between(ends, 0.9 * ends, 1.1 * ends, color="black", alpha=0.08, linewidth=0, label="10 %")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(ScalarFormatter())
    axes.set(xlabel="measured latency, ms", ylabel="predicted latency, ms", xlim=ends)
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    return figure
