"""A configuration map as a table to read."""

from rich.box import SIMPLE
from rich.table import Table

from edgent.planning.paper.configuration_map import ConfigurationMap
from edgent.show.requirement_runs import requirement_runs


def map_table(configuration_map: ConfigurationMap, title: str) -> Table:
    """Each bandwidth state with its mean, spread and share of the samples; plans and rewards in rows below.

    Neighbouring requirements with the same plan and reward share a row.
    """
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0))
    for heading in ("kbps", "±", "share"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("within", no_wrap=True)
    table.add_column("plan", overflow="fold")
    table.add_column("reward", justify="right", no_wrap=True)
    for state, row in zip(configuration_map.states, configuration_map.entries, strict=True):
        cells = (f"{state.mean_bps / 1e3:,.0f}", f"{state.spread:.0%}", f"{state.share:.0%}")
        found = [(str(entry.plan), f"{entry.reward:.4g}" if entry.reward else "late") for entry in row]
        for within, (plan, reward) in requirement_runs(configuration_map.latency_requirements_s, found):
            table.add_row(*cells, within, plan, reward, style="dim" if reward == "late" else None)
            cells = ("", "", "")
    return table
