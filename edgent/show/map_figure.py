"""A configuration map as a figure: exit, partition point and reward in every state."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

from edgent.planning.paper.configuration_map import ConfigurationMap

_MARKERS = "osD^vPX*"


def map_figure(configuration_map: ConfigurationMap, exits: Sequence[str]) -> Figure:
    """Three panels over the states' bandwidth, one line for each latency requirement.

    Args:
        configuration_map: what to draw.
        exits: names, shallow to deep.
    """
    figure = Figure(figsize=(9, 8), layout="constrained")
    of_exit, of_point, of_reward = panels = figure.subplots(3, 1, sharex=True)
    kbps = [state.mean_bps / 1e3 for state in configuration_map.states]
    requirements_s = configuration_map.latency_requirements_s
    for column, requirement_s in enumerate(requirements_s):
        entries = [row[column] for row in configuration_map.entries]
        # Lines that coincide lie side by side.
        shift = 0.06 * (column - (len(requirements_s) - 1) / 2)
        for axes, values in (
            (of_exit, [exits.index(entry.plan.exit) + 1 + shift for entry in entries]),
            (of_point, [entry.plan.stop + 4 * shift for entry in entries]),
            (of_reward, [entry.reward for entry in entries]),
        ):
            axes.plot(
                kbps,
                values,
                marker=_MARKERS[column % len(_MARKERS)],
                markersize=4,
                linewidth=1,
                label=f"{1e3 * requirement_s:g} ms",
            )
    of_exit.set(ylabel="exit point", title="Configuration map")
    of_exit.set_yticks(range(1, len(exits) + 1), exits)
    of_exit.set_ylim(0.5, len(exits) + 0.5)
    of_point.set(ylabel="partition point\n(0: device-only)")
    of_point.yaxis.set_major_locator(MaxNLocator(integer=True))
    of_reward.set(ylabel="reward (0: late)", xlabel="mean bandwidth of the state (kbps)", xscale="log")
    of_reward.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    of_reward.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    of_reward.xaxis.set_minor_formatter("")
    for axes in panels:
        axes.grid(visible=True, alpha=0.3)
    handles, labels = of_exit.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize="small", title="latency\nrequirement")
    return figure
