"""Live runs as a table and as a picture over time."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from rich.box import SIMPLE
from rich.table import Table

from benchmarks.studies.live.comparison import Comparison
from benchmarks.studies.live.recovery import Recovery

_COLUMNS = (
    "requests",
    "wrong",
    "plans",
    "switches",
    "late",
    "by fallback",
    "exp(accuracy)",
    "paper's reward",
)


def live_table(comparisons: Sequence[Comparison]) -> Table:
    """One row for each run."""
    table = Table(
        title="Live runs / their replays",
        title_justify="left",
        box=SIMPLE,
        padding=(0, 1),
        show_lines=False,
    )
    table.add_column("run")
    for heading in _COLUMNS:
        table.add_column(heading, justify="right")
    for one in comparisons:
        live, replayed = one.live, one.replayed
        switches = sum(answer.switched is not None for answer in one.answers)
        table.add_row(
            one.title,
            str(live.steps),
            str(one.wrong),
            str(len(one.plans)),
            str(switches),
            f"{live.late_share:.1%} / {replayed.late_share:.1%}",
            f"{live.fallback_share:.1%} / {replayed.fallback_share:.1%}",
            _both(live.accuracy_reward, replayed.accuracy_reward),
            _both(live.paper_reward, replayed.paper_reward),
        )
    return table


def _both(live: float, replayed: float) -> str:
    return f"{live:.4g} / {replayed:.4g} ({live / replayed - 1:+.1%})"


def recovery_line(title: str, recovery: Recovery) -> str:
    """A sentence for people."""
    back = "not seen" if recovery.back_after_s is None else f"after {recovery.back_after_s:.2f} s"
    return (
        f"{title}: at the collapse the edge was last asked after {recovery.left_after_s:.1f} s, "
        f"{recovery.device_only_share:.0%} device-only in the last third of it; back on the edge {back}"
    )


def draw(comparisons: Sequence[Comparison], file: Path) -> None:
    """Bandwidth, plan and latency over time, one column for each run."""
    figure = Figure(figsize=(5.2 * len(comparisons), 8), layout="constrained")
    axes = figure.subplots(3, len(comparisons), squeeze=False, sharex="col")
    for column, one in enumerate(comparisons):
        _draw_bandwidth(axes[0, column], one)
        _draw_plans(axes[1, column], one)
        _draw_latency(axes[2, column], one)
        axes[0, column].set_title(one.title)
        axes[2, column].set_xlabel("time (s)")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)


def _draw_bandwidth(axes: Axes, one: Comparison) -> None:
    at_s = [answer.at_s for answer in one.answers]
    axes.step(
        [*one.trace.start_s, one.trace.total_s],
        [*(one.trace.bandwidth_bps / 1e3), one.trace.bandwidth_bps[-1] / 1e3],
        where="post",
        color="0.6",
        linewidth=2.5,
        label="the link",
    )
    axes.plot(at_s, [answer.believed_bps / 1e3 for answer in one.answers], "C0", label="the runtime's view")
    axes.set(yscale="log", ylabel="bandwidth (kbps)")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda kbps, _: f"{kbps:,.0f}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="best", fontsize="small")


def _draw_plans(axes: Axes, one: Comparison) -> None:
    names = sorted({str(answer.wanted) for answer in one.answers} | {str(a.plan) for a in one.answers})
    at_s = [answer.at_s for answer in one.answers]
    axes.plot(at_s, [names.index(str(a.wanted)) for a in one.answers], "C0-", linewidth=1, label="planned")
    late = [(a.at_s, names.index(str(a.plan))) for a in one.answers if a.plan != a.wanted]
    if late:
        axes.plot(*zip(*late, strict=True), "C1x", label="done instead, the edge being late")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.5, len(names) + 0.3)
    axes.set_ylabel("plan")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="upper right", fontsize="small")


def _draw_latency(axes: Axes, one: Comparison) -> None:
    requirement_ms = one.device.latency_requirement_s * 1e3
    at_s = [answer.at_s for answer in one.answers]
    axes.plot(at_s, [answer.latency_s * 1e3 for answer in one.answers], "C0.", label="answer")
    late = [(a.at_s, a.latency_s * 1e3) for a in one.answers if a.latency_s * 1e3 > requirement_ms]
    if late:
        axes.plot(*zip(*late, strict=True), "C3x", label="late answer")
    axes.axhline(requirement_ms, color="0.4", linestyle="--", label="requirement")
    axes.set_ylim(0, None)
    axes.set_ylabel("latency (ms)")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="best", fontsize="small")
