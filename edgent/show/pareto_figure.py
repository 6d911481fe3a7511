"""The front of plans that none beats, as a picture: what more latency buys."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, SymmetricalLogLocator

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import FloatArray, IntArray
from edgent.planning.link import Link
from edgent.show.plain_ticks import plain, plain_log_ticks
from edgent.show.plan_figure import exit_colours
from edgent.units import kbps


def pareto_figure(costs: CostTable, link: Link, front: IntArray) -> Figure:
    """Accuracy, bytes and the seconds of either node against latency; a point for each plan.

    Where plans leave early, latency is that at worst, bytes and seconds those in the mean.

    Args:
        costs: what the plans cost.
        link: the link that they are compared on.
        front: by `pareto_front`.
    """
    figure = Figure(figsize=(11, 8), layout="constrained")
    latency_ms = 1e3 * costs.latency_s(link)[front]
    panels = figure.subplots(2, 2)
    mean = costs.in_the_mean
    sent_kb = (mean.upload_bytes + mean.download_bytes)[front] / 1e3
    xlabel = "latency (ms)" if costs.mean is None else "latency at worst (ms); all else in the mean"
    for axes, label, values in (
        (panels[0, 0], costs.measure, costs.accuracy[front]),
        (panels[0, 1], "bytes on the link (kB)", sent_kb),
        (panels[1, 0], "the edge's time (ms)", 1e3 * mean.edge_compute_s[front]),
        (panels[1, 1], "the device's time (ms)", 1e3 * mean.device_compute_s[front]),
    ):
        _points(axes, costs, front, latency_ms, values)
        axes.set(ylabel=label, xlabel=xlabel, xscale="log")
        plain_log_ticks(axes.xaxis)
        axes.grid(visible=True, alpha=0.3)
    _log_from_nothing(panels[0, 1], sent_kb)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize="small")
    figure.suptitle(
        f"Plans that none beats on a link of {kbps(link.upload_bps)} up, {kbps(link.download_bps)} down"
    )
    return figure


def _log_from_nothing(axes: Axes, values: FloatArray) -> None:
    """A logarithmic axis of ordinates that has 0 at its foot, where some are 0."""
    some = values[values > 0]
    if not some.size:
        return
    least, most = float(some.min()), float(some.max())
    axes.set_yscale("symlog", linthresh=least, linscale=0.3)
    axes.set_ylim(-0.3 * least if some.size < values.size else 0.7 * least, 1.5 * most)
    axes.yaxis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=least, subs=[1, 2, 5]))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: plain(value) if value == 0 or value >= least else "")
    )


def _points(
    axes: Axes, costs: CostTable, front: IntArray, latency_ms: FloatArray, values: FloatArray
) -> None:
    """Filled where the edge helps, empty where the device is alone; an exit is a colour."""
    colours = exit_colours(len(costs.exits))
    for number, name in enumerate(costs.exits):
        of_exit = costs.exit_index[front] == number
        for remote in (True, False):
            some = of_exit & (costs.remote[front] == remote)
            if some.any():
                axes.plot(
                    latency_ms[some],
                    values[some],
                    "o",
                    color=colours[number],
                    fillstyle="full" if remote else "none",
                    label=name if remote else f"{name}, device-only",
                )
