"""What the resamples came to: how often the bound holds, what leaves, and what that saves."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from matplotlib.figure import Figure

from benchmarks.studies.exit_rules.bounds import TESTS, most_lost
from benchmarks.studies.exit_rules.resamples import Judged
from benchmarks.studies.palette import CYCLE
from benchmarks.studies.study import PLAIN, Picture, Report, Table
from edgent.core.exit_rules.rule import NEVER
from edgent.exits.rules.calibration import Bound

Group = tuple[tuple[str, str, float], list[Judged]]

_HEADS = ("pipeline", "measure", "bound", "within", "of all", "by eye", "never", "loss", "saved", "leave at")
_NOTE = (
    "`within`: share of the splits in which the rule loses no more than the bound on the other half; `of "
    "all`: no more on all inputs together, which is nearer to the long run; `by eye`: on the other half, had "
    "the lowest threshold been taken that loses no more than the bound on the first. `never`: share of the "
    "splits in which nothing leaves early. `loss` and `saved` (multiply-accumulates) are means over the "
    "splits, `leave at` are medians, in percent of the inputs, from the first exit to the deepest."
)
_PICTURE = "Loss on the other half, by pipeline, bound and measure"
_READING = (
    "Loss is a share of the inputs. A box holds the middle half of the splits, the line in it is the "
    "median, and whiskers reach from 5 to 95 %. Below 0 leaving early is a gain. A flat line at 0: nothing "
    "leaves early. Thresholds by eye are left out; the table has them."
)
_SITUATIONS = ((350, 0.02), (700, 0.01), (5000, 0.01))
_GAINED = (0, 5, 20)


def report(results: Sequence[Judged], confidence: float) -> Report:
    """Tables, a picture, and every rule as a row."""
    groups = list(_groups(results))
    least = min(_share(rule.loss <= rule.bound for rule in rules) for _, rules in groups)
    fact = f"The loss on the other half is within the bound in {least:.1%} of the splits or more."
    rows = [_row(name, rules) for name, rules in groups]
    title = "Calibrated on one half, judged on the other"
    return Report(
        [fact],
        [Table(title, _HEADS, rows, _NOTE), _tests(confidence)],
        {"exit-rules.png": Picture(_PICTURE, _figure(groups), _READING)},
        {"rules": results},
    )


def _groups(results: Sequence[Judged]) -> Iterator[Group]:
    """The rules of each pipeline, measure and bound."""
    for name, rules in groupby(results, lambda rule: (rule.pipeline, rule.measure, rule.bound)):
        yield name, list(rules)


def _share(holds: Iterator[bool]) -> float:
    return float(np.mean(list(holds)))


def _row(name: tuple[str, str, float], rules: Sequence[Judged]) -> tuple[str, ...]:
    pipeline, measure, bound = name
    leave = np.median([rule.shares for rule in rules], axis=0)
    return (
        pipeline,
        measure,
        f"{bound:g}",
        f"{_share(rule.loss <= bound for rule in rules):.1%}",
        f"{_share(rule.loss_of_all <= bound for rule in rules):.1%}",
        f"{_share(rule.loss_by_eye <= bound for rule in rules):.1%}",
        f"{_share(rule.threshold == NEVER for rule in rules):.1%}",
        f"{np.mean([rule.loss for rule in rules]):.4f}",
        f"{np.mean([rule.saved for rule in rules]):.1%}",
        ", ".join(f"{100 * share:.0f}" for share in leave),
    )


def _tests(confidence: float) -> Table:
    """How many losses calibration lets pass, and how many other tests of the same level would."""
    rows = []
    for inputs, margin in _SITUATIONS:
        level = Bound(margin, confidence).level
        for gained in _GAINED:
            most = (most_lost(test, gained, inputs, margin, level) for test in TESTS.values())
            counts = (str(lost) if lost >= 0 else "none passes" for lost in most)
            rows.append((f"{inputs:,}", f"{margin:g}", str(gained), *counts))
    note = "The most inputs that may be lost where others are gained, by tests of the same level."
    return Table("Tests side by side", ("inputs", "bound", "gained", *TESTS), rows, note)


def _figure(groups: Sequence[Group]) -> Figure:
    """A box for each pipeline, bound and measure; the bound is a line above it."""
    pipelines = list(dict.fromkeys(name[0] for name, _ in groups))
    measures = list(dict.fromkeys(name[1] for name, _ in groups))
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    axes = figure.subplots(1, len(pipelines), sharey=True, squeeze=False)[0]
    for plot, pipeline in zip(axes, pipelines, strict=True):
        of_pipeline = [group for group in groups if group[0][0] == pipeline]
        bounds = list(dict.fromkeys(name[2] for name, _ in of_pipeline))
        for (_, measure, bound), rules in of_pipeline:
            number = measures.index(measure)
            place = bounds.index(bound) * (len(measures) + 1) + number
            plot.boxplot(
                [[rule.loss for rule in rules]],
                positions=[place],
                widths=0.7,
                whis=(5, 95),
                showfliers=False,
                patch_artist=True,
                boxprops={"facecolor": CYCLE[number % len(CYCLE)]},
                medianprops={"color": "black"},
            )
            plot.hlines(bound, place - 0.5, place + 0.5, colors="red")
        middle = (len(measures) - 1) / 2
        plot.set_xticks([k * (len(measures) + 1) + middle for k in range(len(bounds))])
        plot.set_xticklabels([f"{bound:g}" for bound in bounds])
        plot.set(title=pipeline, xlabel="bound (red)")
        plot.grid(axis="y", alpha=0.3)
    axes[0].set_ylabel("loss on the other half")
    axes[0].yaxis.set_major_formatter(PLAIN)
    axes[0].set_prop_cycle(color=CYCLE)
    handles = [axes[0].plot([], [], linewidth=6)[0] for _ in measures]
    figure.legend(handles, measures, loc="outside lower center", ncols=len(measures), frameon=False)
    return figure
