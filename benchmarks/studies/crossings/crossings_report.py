"""The report of crossings: the quickest plan of every family, and what a runtime chose."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from statistics import median

from matplotlib.figure import Figure

from benchmarks.studies.crossings.crossings import LEAST_ACCURACY, SLOWDOWN, OwnChoice, Quickest
from benchmarks.studies.crossings.families import FAMILIES
from benchmarks.studies.study import PLAIN, Picture, Report, Table

_LEARNED = FAMILIES[0]
_COLOURS = dict(zip(FAMILIES, ("#d95f02", "#365c8d", "#1b9e77", "#7570b3"), strict=True))

_NOTE = (
    "Of each kind one plan is drawn, the quickest by prediction; all others are left out. The axis is "
    "logarithmic and does not begin at 0: compare the figures, not the heights."
)


def report(quickest: Sequence[Quickest], own: Sequence[OwnChoice]) -> Report:
    """The report of one run."""
    picture = Picture("The quickest plan of every kind, by link", _figure(quickest), _NOTE)
    return Report(
        [_fact(rate_bps, list(of_rate)) for rate_bps, of_rate in groupby(quickest, lambda one: one.rate_bps)],
        [_table(quickest), _own_table(own)],
        {"crossings.png": picture},
        {"crossings": quickest, "crossings-own-choice": own},
    )


def _fact(rate_bps: float, of_rate: Sequence[Quickest]) -> str:
    learned = next(one for one in of_rate if one.family == _LEARNED)
    other = min((one for one in of_rate if one.family != _LEARNED), key=lambda one: one.latency_s)
    return (
        f"{rate_bps / 1e3:g} kbps: the quickest plan with a feature codec takes "
        f"{learned.latency_s * 1e3:.1f} ms, the quickest other one, {other.family}, "
        f"{other.latency_s * 1e3:.1f} ms: {other.latency_s / learned.latency_s:.2f} times as long."
    )


def _table(quickest: Sequence[Quickest]) -> Table:
    rows = [
        (
            f"{one.rate_bps / 1e3:g}",
            one.family,
            f"`{one.plan}`",
            f"{one.accuracy:.3f}",
            f"{one.predicted_s * 1e3:,.1f}",
            f"{one.latency_s * 1e3:,.1f}" if len(one.measured_s) > 1 else "not run",
            f"{one.predicted_s / one.latency_s - 1:+.1%}" if len(one.measured_s) > 1 else "",
            f"{one.sent_bytes:,.0f} + {one.received_bytes:,.0f}" if len(one.measured_s) > 1 else "",
        )
        for one in quickest
    ]
    heads = ("kbps", "kind", "plan", "accuracy", "predicted, ms", "took, ms", "off by", "bytes")
    note = (
        f"Of each kind the plan that is predicted to be the quickest with an accuracy of {LEAST_ACCURACY:g} "
        f"at least, device {SLOWDOWN:g}x slower. Predicted from profiles of both nodes, made in the same "
        "run, and the link as it was measured when the device began; took: the median. Bytes of a request "
        "and its answer, with what HTTP or gRPC adds."
    )
    return Table("The quickest plan of every kind", heads, rows, note)


def _own_table(own: Sequence[OwnChoice]) -> Table:
    rows = []
    for one in own:
        (plan, count) = Counter(one.plans).most_common(1)[0]
        error = f"{median(one.ratios) - 1:+.1%}" if one.ratios else "never by the wanted plan"
        rows.append(
            (
                f"{one.rate_bps / 1e3:g}",
                one.interface,
                f"`{plan}`",
                f"{count} of {len(one.plans)}",
                f"{median(one.measured_s) * 1e3:.1f}",
                error,
            )
        )
    heads = ("kbps", "interface", "plan", "requests", "took, ms", "predictions off by")
    note = (
        "A runtime with `objective: latency` and that least accuracy chooses by itself; its "
        "latest requests after twenty from which it learns."
    )
    return Table("What a runtime chooses", heads, rows, note)


def _figure(quickest: Sequence[Quickest]) -> Figure:
    """Latency of each family by link, on a log axis."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    rates = sorted({one.rate_bps for one in quickest})
    for number, family in enumerate(FAMILIES):
        of_family = {one.rate_bps: one for one in quickest if one.family == family}
        places = [rates.index(rate) + (number - 1.5) * 0.2 for rate in of_family]
        heights = [one.latency_s * 1e3 for one in of_family.values()]
        bars = axes.bar(places, heights, 0.18, color=_COLOURS[family], label=family)
        axes.bar_label(bars, fmt="{:.0f}", fontsize=8)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(PLAIN)
    axes.set_xticks(range(len(rates)), [f"{rate / 1e3:g} kbps" for rate in rates])
    axes.set(ylabel="latency, ms")
    axes.legend(frameon=False)
    return figure
