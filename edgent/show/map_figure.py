"""A configuration map as a figure: exit, partition point and reward in every state."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from edgent.planning.paper.configuration_map import ConfigurationMap, MapEntry
from edgent.show.plain_ticks import plain_log_ticks

_MARKERS = "osD^vPX*"
_APART = 0.016
"""Distance of lines that would coincide, as a share of the panel's height."""


def map_figure(configuration_map: ConfigurationMap, exits: Sequence[str]) -> Figure:
    """Three panels over the states' bandwidth, one line for each latency requirement with plans of its own.

    Args:
        configuration_map: what to draw.
        exits: names, shallow to deep.
    """
    figure = Figure(figsize=(9, 8), layout="constrained")
    of_exit, of_point, of_reward = panels = figure.subplots(3, 1, sharex=True)
    kbps = [state.mean_bps / 1e3 for state in configuration_map.states]
    lines = _lines(configuration_map)
    points = 1 + max(entry.plan.stop for row in configuration_map.entries for entry in row)
    for number, (entries, label) in enumerate(lines.items()):
        apart = _APART * (number - (len(lines) - 1) / 2)
        for axes, values in (
            (of_exit, [exits.index(entry.plan.exit) + 1 + apart * len(exits) for entry in entries]),
            (of_point, [entry.plan.stop + apart * points for entry in entries]),
            (of_reward, [entry.reward for entry in entries]),
        ):
            marker = _MARKERS[number % len(_MARKERS)]
            axes.plot(kbps, values, marker=marker, markersize=4, linewidth=1, label=label)
    of_exit.set(ylabel="exit point", title="Configuration map")
    of_exit.set_yticks(range(1, len(exits) + 1), exits)
    of_exit.set_ylim(0.5, len(exits) + 0.5)
    of_point.set(ylabel="partition point\n(0: device-only)", ylim=(-0.08 * points - 0.02, 1.08 * points))
    of_point.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    of_reward.set(ylabel="reward (0: late)", xlabel="mean bandwidth of the state (kbps)", xscale="log")
    plain_log_ticks(of_reward.xaxis)
    for axes in panels:
        axes.grid(visible=True, alpha=0.3)
    handles, labels = of_exit.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize="small", title="latency\nrequirement")
    return figure


def _lines(configuration_map: ConfigurationMap) -> dict[tuple[MapEntry, ...], str]:
    """The entries of each line, and the requirements that they are for, the same entries once."""
    requirements: dict[tuple[MapEntry, ...], list[str]] = {}
    columns = zip(*configuration_map.entries, strict=True)
    for requirement_s, entries in zip(configuration_map.latency_requirements_s, columns, strict=True):
        requirements.setdefault(entries, []).append(f"{1e3 * requirement_s:g} ms")
    return {entries: "\n".join(named) for entries, named in requirements.items()}
