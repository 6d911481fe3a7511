"""The report: accuracy in time on each trace, by method, and how often plans changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, median

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from benchmarks.studies.moving.measure import Watched
from benchmarks.studies.moving.verdict import checks, unusable
from benchmarks.studies.study import Picture, Report, Table
from benchmarks.studies.workload.answered import Answered
from benchmarks.studies.workload.method_colours import METHOD_COLOURS
from benchmarks.studies.workload.methods import AGAIN, EDGE_ONLY, METHODS, OURS
from edgent.counted import counted


@dataclass(frozen=True)
class Outcome:
    """What a method came to on a trace within a requirement.

    Attributes:
        watched: Of the best of its plans there, told after the fact.
    """

    watched: Watched
    requirement_s: float

    @property
    def accuracy_in_time(self) -> float:
        """Mean accuracy over all photos that came; late and lost ones count nothing."""
        in_time = (one for one in self.watched.answers if one is not None and self._in_time(one))
        return sum(one.accuracy for one in in_time) / len(self.watched.answers)

    @property
    def late_share(self) -> float:
        """The share of photos that were answered late, or lost."""
        return mean(not self._in_time(one) for one in self.watched.answers)

    @property
    def switches(self) -> int:
        """How often the plan that was wanted changed."""
        answers = [one for one in self.watched.answers if one is not None]
        return sum(first.wanted != then.wanted for first, then in pairwise(answers))

    def _in_time(self, answer: Answered | None) -> bool:
        return answer is not None and answer.latency_s <= self.requirement_s


@dataclass(frozen=True)
class Row:
    """An answered photo; a row of the study's file."""

    trace: str
    method: str
    plan: str
    requirement_s: float | None
    speed_s: float
    answer: Answered


def outcomes_of(watched: Sequence[Watched], requirements_s: Sequence[float]) -> list[Outcome]:
    """Of every method but the control on every trace within every requirement the best that it did."""
    return [
        max(
            (
                Outcome(one, requirement_s)
                for one in watched
                if (one.trace, one.method) == (trace, method) and one.requirement_s in (None, requirement_s)
            ),
            key=lambda outcome: outcome.accuracy_in_time,
        )
        for trace in dict.fromkeys(one.trace for one in watched)
        for requirement_s in requirements_s
        for method in dict.fromkeys(one.method for one in watched)
        if method != AGAIN
    ]


def report(watched: Sequence[Watched], requirements_s: Sequence[float]) -> Report:
    """The report of everything that was measured."""
    outcomes = outcomes_of(watched, requirements_s)
    picture = Picture("Accuracy in time on links that move", _figure(outcomes), _note(outcomes))
    pictures = {"moving-accuracy.png": picture}
    facts = [*unusable(watched), *_facts(outcomes), *checks(watched)]
    return Report(facts, [_table(outcomes)], pictures, {"photos": list(_rows(watched))})


def _facts(outcomes: Sequence[Outcome]) -> list[str]:
    methods = list(dict.fromkeys(outcome.watched.method for outcome in outcomes))
    by_method = {
        method: mean(one.accuracy_in_time for one in outcomes if one.watched.method == method)
        for method in methods
    }
    best = max((method for method in methods if method != OURS), key=by_method.__getitem__)
    cells: dict[tuple[str, float], list[Outcome]] = {}
    for outcome in outcomes:
        cells.setdefault((outcome.watched.trace, outcome.requirement_s), []).append(outcome)
    others = mean(
        max(one.accuracy_in_time for one in own if one.watched.method != OURS) for own in cells.values()
    )
    ours = [one for one in outcomes if one.watched.method == OURS]
    photos = sum(len(one.watched.answers) for one in ours)
    late = sum(round(one.late_share * len(one.watched.answers)) for one in ours)
    means = (
        f"{by_method[OURS]:.1%} for {OURS}, {by_method[best]:.1%} for the best other method ({best}), "
        f"{others:.1%} for the best of all others, chosen anew in each cell after the fact"
    )
    return [
        f"Accuracy in time, in the mean of {counted(len(cells), 'cell')}: {means}.",
        f"Of {photos:,} photos of {OURS} {late} were late or lost ({late / photos:.1%}).",
    ]


def _table(outcomes: Sequence[Outcome]) -> Table:
    rows = []
    for outcome in outcomes:
        answers = [one for one in outcome.watched.answers if one is not None]
        rows.append(
            (
                outcome.watched.trace,
                f"{outcome.requirement_s * 1e3:g}",
                outcome.watched.method,
                f"`{outcome.watched.plan}`" if outcome.watched.plan else "",
                f"{outcome.accuracy_in_time:.1%}",
                f"{outcome.late_share:.1%}",
                f"{1e3 * median(one.latency_s for one in answers):.0f}",
                f"{mean(one.sent_bytes for one in answers):,.0f}",
                f"{outcome.switches}",
            )
        )
    heads = (
        *("trace", "within, ms", "method", "its best plan"),
        *("accuracy in time", "late or lost", "latency, ms", "bytes up", "switches"),
    )
    note = (
        "A photo comes every quarter of a second; one that comes while an earlier one is awaited is lost. "
        "latency: of the answer in the middle. switches: how often another plan was wanted than before. "
        f"Where “{EDGE_ONLY}” names no plan, its codec was chosen anew for each photo."
    )
    return Table("Links that move", heads, rows, note)


def _note(outcomes: Sequence[Outcome]) -> str:
    """Which of the workload's methods and devices the picture lacks, and why."""
    methods = {outcome.watched.method for outcome in outcomes}
    missing = ", ".join(f"“{method}”" for method in METHODS if method not in methods)
    return (
        "All that was measured is drawn. The figures are percent; where there is no bar, the figure is 0. "
        "Each plan takes a whole trace, so these methods of the workload were not asked: "
        f"{missing}. Neither were devices of another speed."
    )


def _figure(outcomes: Sequence[Outcome]) -> Figure:
    """A panel for each requirement: bars of every method, traces side by side."""
    requirements_s = sorted({outcome.requirement_s for outcome in outcomes})
    methods = list(dict.fromkeys(outcome.watched.method for outcome in outcomes))
    traces = list(dict.fromkeys(outcome.watched.trace for outcome in outcomes))
    figure = Figure(figsize=(4.6 * len(requirements_s) + 1, 4), layout="constrained")
    panels = figure.subplots(1, len(requirements_s), sharey=True, squeeze=False)[0]
    for axes, requirement_s in zip(panels, requirements_s, strict=True):
        for number, method in enumerate(methods):
            own = [o for o in outcomes if (o.watched.method, o.requirement_s) == (method, requirement_s)]
            places = [traces.index(o.watched.trace) + number / (len(methods) + 1) for o in own]
            heights = [o.accuracy_in_time for o in own]
            width, colour = 0.9 / (len(methods) + 1), METHOD_COLOURS[method]
            bars = axes.bar(places, heights, width, label=method, color=colour)
            axes.bar_label(bars, [f"{100 * height:.0f}" for height in heights], padding=1, fontsize=7)
        middle = (len(methods) - 1) / (2 * (len(methods) + 1))
        names = [trace.rpartition("/")[2].replace("-", "\n", 1) for trace in traces]
        axes.set_xticks([place + middle for place in range(len(traces))], names, fontsize=8)
        axes.set(
            title=f"within {requirement_s * 1e3:g} ms", xlabel="trace that the link follows", ylim=(0, 1)
        )
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.grid(axis="y", alpha=0.25)
    panels[0].set_ylabel("accuracy in time")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    return figure


def _rows(watched: Sequence[Watched]) -> Iterator[Row]:
    for one in watched:
        for answer in filter(None, one.answers):
            yield Row(one.trace, one.method, one.plan, one.requirement_s, one.speed_s, answer)
