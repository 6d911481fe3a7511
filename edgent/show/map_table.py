"""A configuration map as a table to read."""

from rich.box import SIMPLE
from rich.table import Table

from edgent.planning.paper.configuration_map import ConfigurationMap, MapEntry


def map_table(configuration_map: ConfigurationMap, title: str) -> Table:
    """One row for each bandwidth state: its mean, its spread, its share of the samples, plans and rewards."""
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0))
    for heading in ("kbps", "±", "share"):
        table.add_column(heading, justify="right", no_wrap=True)
    for requirement_s in configuration_map.latency_requirements_s:
        table.add_column(f"{1e3 * requirement_s:g} ms", no_wrap=True)
    for state, row in zip(configuration_map.states, configuration_map.entries, strict=True):
        table.add_row(
            f"{state.mean_bps / 1e3:,.0f}",
            f"{state.spread:.0%}",
            f"{state.share:.0%}",
            *(_cell(entry) for entry in row),
        )
    return table


def _cell(entry: MapEntry) -> str:
    return f"{entry.plan}\n{entry.reward:.4g}" if entry.reward else f"[dim]{entry.plan}\nlate[/]"
