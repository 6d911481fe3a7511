"""What edges make of the devices' requests, as a picture."""

import math
from collections.abc import Mapping, Sequence
from itertools import cycle

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, SymmetricalLogLocator

from edgent.capacity.need import Need
from edgent.show.capacity_table import common_measure
from edgent.show.plain_ticks import plain, plain_log_ticks
from edgent.units import milliseconds

_MOST_PLANS = 8
"""Plans that are drawn by themselves; the others together."""
_MARKERS = "os^dvP"


def capacity_figure(found: Sequence[Need]) -> Figure:
    """Of one answer what was tried for it; of several what each takes, or makes of what is given."""
    if len(found) > 1:
        return _sweep(found)
    (one,) = found
    figure = Figure(figsize=(11, 5.5), layout="constrained")
    shares, plans = figure.subplots(1, 2)
    _shares(shares, one)
    _plans(plans, one)
    for axes in (shares, plans):
        axes.set(xlabel="workers of all edges together")
    figure.suptitle(
        f"{one.name}: {one.devices:,} devices that ask at {one.rate_hz:g} Hz each, "
        f"within {milliseconds(one.latency_requirement_s)}"
    )
    return figure


def _shares(axes: Axes, one: Need) -> None:
    """Who answers, and the accuracy, against the number of workers."""
    workers = [figures.total_workers for figures in one.tried]
    for marker, label, values in (
        ("o-", "by way of the edge", [figures.edge_share for figures in one.tried]),
        ("s-", "planned without the edge", [figures.device_share for figures in one.tried]),
        ("^-", "a local exit, as the edge is late", [figures.stood_by_share for figures in one.tried]),
        ("x-", "late", [figures.late_share for figures in one.tried]),
        ("d--", one.measure, [_or_nothing(figures.accuracy) for figures in one.tried]),
    ):
        axes.plot(workers, values, marker, label=label)
    if one.is_enough:
        axes.axvline(
            one.found.total_workers,
            color="grey",
            linestyle=":",
            label="enough as given" if one.is_given else "needed",
        )
    axes.set(ylim=(-0.02, 1.02), ylabel=f"share of requests; {one.measure}", title="Answers")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2)


def _or_nothing(value: float | None) -> float:
    return math.nan if value is None else value


def _plans(axes: Axes, one: Need) -> None:
    """Shares of plans, on top of each other, a bar for each number of workers that was tried."""
    totals: dict[str, float] = {}
    for figures in one.tried:
        for plan, share in figures.plans:
            totals[plan] = totals.get(plan, 0.0) + share
    shown = sorted(totals, key=lambda plan: -totals[plan])[:_MOST_PLANS]
    places = range(len(one.tried))
    below = [0.0] * len(one.tried)
    for number, plan in enumerate(shown):
        shares = [dict(figures.plans).get(plan, 0.0) for figures in one.tried]
        axes.bar(places, shares, bottom=below, color=colormaps["tab10"](number), label=plan)
        below = [start + share for start, share in zip(below, shares, strict=True)]
    if len(totals) > len(shown):
        others = [1.0 - start for start in below]
        axes.bar(places, others, bottom=below, color="lightgrey", label="others")
    axes.set_xticks(places, [f"{figures.total_workers:,}" for figures in one.tried])
    axes.set(ylim=(0, 1), ylabel="share of requests", title="Plans that devices choose")
    axes.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2)


def _sweep(found: Sequence[Need]) -> Figure:
    """A line for each pipeline and requirement, against devices."""
    figure = Figure(figsize=(8, 6), layout="constrained")
    axes = figure.subplots()
    lines: dict[str, list[Need]] = {}
    for one in sorted(found, key=lambda one: one.devices):
        lines.setdefault(f"{one.name}, within {milliseconds(one.latency_requirement_s)}", []).append(one)
    axes.set(xscale="log", xlabel="devices")
    plain_log_ticks(axes.xaxis)
    if found[0].is_given:
        _accuracies(axes, lines, common_measure(found))
    else:
        _workers_needed(axes, lines)
    axes.grid(visible=True, alpha=0.3)
    if axes.get_lines():
        axes.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
    return figure


def _accuracies(axes: Axes, lines: Mapping[str, Sequence[Need]], measure: str) -> None:
    """The accuracy with the edges that were given, with a cross where they are not enough."""
    axes.set_ylabel(f"{measure} of answers in time")
    for marker, (name, line) in zip(cycle(_MARKERS), lines.items(), strict=False):
        values = [_or_nothing(one.found.accuracy) for one in line]
        axes.plot([one.devices for one in line], values, f"{marker}-", label=name)
    short = [one for line in lines.values() for one in line if not one.is_enough]
    if short:
        values = [_or_nothing(one.found.accuracy) for one in short]
        axes.plot([one.devices for one in short], values, "kx", markersize=10, label="not enough")


def _workers_needed(axes: Axes, lines: Mapping[str, Sequence[Need]]) -> None:
    """How many workers all edges together need; what no number is enough for has no point."""
    axes.set_ylabel("workers of all edges together")
    most = missing = 0
    for marker, (name, line) in zip(cycle(_MARKERS), lines.items(), strict=False):
        enough = [one for one in line if one.is_enough]
        missing += len(line) - len(enough)
        workers = [one.found.total_workers for one in enough]
        most = max([most, *workers])
        if enough:
            axes.plot([one.devices for one in enough], workers, f"{marker}-", label=name)
    if missing:
        count = sum(map(len, lines.values()))
        axes.set_title(f"{missing} of {count} have no point: no number is enough", fontsize="small")
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(-0.3, 2.0 * most + 1.0)
    axes.yaxis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=1, subs=[1, 2, 5]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
