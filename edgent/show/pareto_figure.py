"""The front of plans that none beats, as a picture: what more latency buys."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import FloatArray, IntArray
from edgent.planning.link import Link
from edgent.show.plan_figure import exit_colours
from edgent.show.units import kbps


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
        axes.grid(visible=True, alpha=0.3)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize="small")
    figure.suptitle(
        f"Plans that none beats on a link of {kbps(link.upload_bps)} up, {kbps(link.download_bps)} down"
    )
    return figure


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
