"""Live runs beside their replays: a table, and a picture over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from benchmarks.studies.live.measure import LiveAnswer
from benchmarks.studies.live.spec import Device
from benchmarks.studies.study import Picture, Report, Table
from edgent.bandwidth.traces import BandwidthTrace
from edgent.planning.cost_table import CostTable
from edgent.replay.coverage import DECILES, Coverage
from edgent.replay.figures import Figures

_HEADS = (
    "run",
    "requests",
    "wrong",
    "plans switched",
    "late",
    "by a local exit that stood by",
    "exp(accuracy) in time, what the policies maximise",
    "the paper's reward",
)
_NOTE = "Of two figures the first is live, the second the replay's."

_READING = (
    "Each column has scales of its own, and bandwidths a logarithmic one. Replays are left out; the table "
    "has their figures."
)


@dataclass(frozen=True, eq=False)
class Run:
    """What is run: a device on a link.

    Attributes:
        trace: What the link follows.
        spec: The pipeline as this device has it.
        costs: What it chooses from.
    """

    title: str
    device: Device
    trace: BandwidthTrace
    spec: Path
    costs: CostTable


@dataclass(frozen=True, eq=False)
class Judged:
    """A live run beside its replay.

    Attributes:
        wrong: How many answers are not the unsplit network's.
        live, replayed: Figures of both.
        coverages: How often plans that need the edge were late, and were predicted to be, of both.
    """

    run: Run
    answers: Sequence[LiveAnswer]
    wrong: int
    live: Figures
    replayed: Figures
    coverages: tuple[Coverage, Coverage]


def report(judged: Sequence[Judged], facts: Sequence[str]) -> Report:
    """The report of some runs."""
    picture = Picture(
        "Bandwidth, plan and latency over time, a column for each run", _figure(judged), _READING
    )
    records = {f"live-{number}": each.answers for number, each in enumerate(judged, start=1)}
    return Report(facts, [_table(judged), _coverage(judged)], {"live.png": picture}, records)


def _table(judged: Sequence[Judged]) -> Table:
    rows = []
    for each in judged:
        run, live, replayed = each.run, each.live, each.replayed
        fallbacks = f"{live.fallback_share:.1%}, {replayed.fallback_share:.1%}" if run.device.hedge else ""
        rows.append(
            (
                run.title,
                str(live.steps),
                str(each.wrong),
                f"{sum(answer.reply.switched is not None for answer in each.answers)} times",
                f"{live.late_share:.1%}, {replayed.late_share:.1%}",
                fallbacks,
                _both(live.accuracy_reward, replayed.accuracy_reward),
                _both(live.paper_reward, replayed.paper_reward),
            )
        )
    return Table("", _HEADS, rows, _NOTE)


def _coverage(judged: Sequence[Judged]) -> Table:
    """Of all runs together: single ones have few answers in the middle."""
    (live, replayed), *more = (each.coverages for each in judged)
    for of_live, of_replay in more:
        live, replayed = live + of_live, replayed + of_replay
    rows = [
        (f"{10 * decile} to {10 * decile + 10} %", *(_share_cell(each, decile) for each in (live, replayed)))
        for decile in range(DECILES)
        if live.count[decile] or replayed.count[decile]
    ]
    note = (
        "Plans that need the edge, of all runs: by the tenth that the predicted probability of being late is "
        "in, its mean, the share that was late, and how many there were."
    )
    return Table("Predicted to be late, and late", ("P(late)", "live", "replay"), rows, note)


def _share_cell(coverage: Coverage, decile: int) -> str:
    if not coverage.count[decile]:
        return ""
    predicted, late = coverage.predicted_share[decile], coverage.late_share[decile]
    return f"{predicted:.1%} → {late:.1%} ({coverage.count[decile]})"


def _both(live: float, replayed: float) -> str:
    return f"{live:.4g}, {replayed:.4g} ({live / replayed - 1:+.1%})"


def _believed_kbps(answer: LiveAnswer) -> float:
    believed_bps = answer.reply.bandwidth_bps
    assert believed_bps is not None, "a runtime that plans believes in a bandwidth"
    return believed_bps / 1e3


def _figure(judged: Sequence[Judged]) -> Figure:
    """Bandwidth, plan and latency over time, a column for each run."""
    figure = Figure(figsize=(5.2 * len(judged), 8), layout="constrained")
    axes = figure.subplots(3, len(judged), squeeze=False, sharex="col")
    for column, each in enumerate(judged):
        _draw_bandwidth(axes[0, column], each)
        _draw_plans(axes[1, column], each)
        _draw_latency(axes[2, column], each)
        axes[0, column].set_title(each.run.title)
        axes[2, column].set_xlabel("time (s)")
        for panel in axes[:, column]:
            panel.grid(visible=True, alpha=0.3)
    return figure


def _draw_bandwidth(axes: Axes, judged: Judged) -> None:
    axes.step(
        [*judged.run.trace.start_s, judged.run.trace.total_s],
        [*(judged.run.trace.bandwidth_bps / 1e3), judged.run.trace.bandwidth_bps[-1] / 1e3],
        where="post",
        color="0.6",
        linewidth=2.5,
        label="the link" if judged.run.trace.download is None else "the link, up",
    )
    if (downwards := judged.run.trace.download) is not None:
        down_kbps = [*(downwards.bandwidth_bps / 1e3), downwards.bandwidth_bps[-1] / 1e3]
        ends_s = [*downwards.start_s, downwards.total_s]
        axes.step(ends_s, down_kbps, where="post", color="0.8", linewidth=1.5, label="the link, down")
    at_s = [answer.at_s for answer in judged.answers]
    axes.plot(at_s, [_believed_kbps(answer) for answer in judged.answers], "C0", label="the runtime's view")
    axes.set(yscale="log", ylabel="bandwidth (kbps)")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda kbps, _: f"{kbps:,.0f}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.legend(loc="best", fontsize="small")


def _draw_plans(axes: Axes, judged: Judged) -> None:
    wanted = [str(answer.reply.wanted) for answer in judged.answers]
    done = [str(answer.reply.plan) for answer in judged.answers]
    names = sorted({*wanted, *done})
    at_s = [answer.at_s for answer in judged.answers]
    axes.plot(at_s, [names.index(name) for name in wanted], "C0-", linewidth=1, label="planned")
    places = [(when_s, names.index(name)) for when_s, name in zip(at_s, done, strict=True)]
    instead = [place for place, name, plan in zip(places, done, wanted, strict=True) if name != plan]
    if instead:
        axes.plot(*zip(*instead, strict=True), "C1x", label="done instead, the edge being late")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.5, len(names) + 0.3)
    axes.set_ylabel("plan")
    axes.legend(loc="upper right", fontsize="small")


def _draw_latency(axes: Axes, judged: Judged) -> None:
    requirement_ms = judged.run.device.latency_requirement_s * 1e3
    points = [(answer.at_s, answer.reply.latency_s * 1e3) for answer in judged.answers]
    axes.plot(*zip(*points, strict=True), "C0.", label="answer")
    late = [(at_s, latency_ms) for at_s, latency_ms in points if latency_ms > requirement_ms]
    if late:
        axes.plot(*zip(*late, strict=True), "C3x", label="late answer")
    axes.axhline(requirement_ms, color="0.4", linestyle="--", label="requirement")
    axes.set_ylim(0, None)
    axes.set_ylabel("latency (ms)")
    axes.legend(loc="best", fontsize="small")
