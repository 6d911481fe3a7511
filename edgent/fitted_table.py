"""Tables no wider than the terminal: columns are left out whole, and named, before a cell is cut."""

from __future__ import annotations

import os
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.measure import Measurement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

_UNBOUNDED = 1000
"""Columns of what is no terminal, such as a file."""


def table_console(*, is_aside: bool = False) -> Console:
    """A console for tables: as wide as the terminal, or as COLUMNS says; a file has no edge.

    Args:
        is_aside: whether it is stderr, as stdout gets JSON.
    """
    console = Console(stderr=is_aside)
    has_edge = console.is_terminal or "COLUMNS" in os.environ
    return console if has_edge else Console(stderr=is_aside, width=_UNBOUNDED)


def print_fitted(table: Table, console: Console, least_first: Sequence[str] = (), *, more: str = "") -> None:
    """Print a table without as many of its less important columns as do not fit, and name those.

    Where the others are still too wide, their words are folded.

    Args:
        table: what to print.
        console: where.
        least_first: headings of the columns that can be left out, the least important first.
        more: where else all is to be had, such as ``--csv FILE has them all``.
    """
    whole = table
    left_out: list[str] = []
    for heading in least_first:
        if _width(table, console) <= console.width:
            break
        kept = [column for column in table.columns if column.header != heading]
        left_out += [heading] * (len(kept) < len(table.columns))
        table = copy(table)
        table.columns = [replace(column, _index=number) for number, column in enumerate(kept)]
    console.print(table)
    if left_out:
        console.print(
            f"Left out at {console.width} columns: {', '.join(left_out)}. "
            f"A terminal of {_width(whole, console)} columns shows them{more and f'; {more}'}.",
            style="dim",
            highlight=False,
        )


def _width(table: Table, console: Console) -> int:
    """Columns that a table takes where nothing is folded; its title and caption wrap."""
    bare = copy(table)
    bare.title = bare.caption = None
    return Measurement.get(console, console.options.update(max_width=_UNBOUNDED), bare).maximum
