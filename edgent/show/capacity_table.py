"""How many edges it takes, as tables to read."""

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.table import Table

from edgent.capacity.need import Need
from edgent.capacity.shortfall import Shortfall
from edgent.planning.costs import ACCURACY
from edgent.units import milliseconds, milliseconds_number, three_digits

LEAST_FIRST = ("wait ms", "answers/s", "ms", "alone", "use", "local", "late")
"""Headings of the columns that a narrow terminal can do without."""


def capacity_table(found: Sequence[Need]) -> Table:
    """One row for each question: what it takes, and what comes of it.

    Args:
        found: of one command, which gives both numbers for all rows or for none.
    """
    measure = common_measure(found)
    table = _table("Edges as given" if found[0].is_given else "Edges that are needed")
    table.caption = (
        "workers: of each edge; late: nobody answers in time; local: a local exit does, as the edge is late; "
        "alone: planned without the edge; use: of the workers' time; wait ms: in the edge's queue, 99 % wait "
        f"less; ms: of answers in time; {measure}: of these, in brackets where nobody waits on an edge"
    )
    if not all(one.is_enough for one in found):
        table.caption += "; *: because of this edges are not enough"
    table.caption_justify = "left"
    headings = (
        *("devices", "within", "edges", "workers", "late", "local", "alone"),
        *(measure, "use", "wait ms", "ms", "answers/s"),
    )
    with_names = len({one.name for one in found}) > 1
    if with_names:
        table.add_column("pipeline", no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for one in found:
        cells = (f"{one.devices:,}", milliseconds(one.latency_requirement_s), *_edges(one))
        row = (*(one.name,) * with_names, *cells, *_cells(one))
        table.add_row(*row, style=None if one.is_enough else "yellow")
    return table


def common_measure(found: Sequence[Need]) -> str:
    """What all accuracies are measured by; where that differs, their common name."""
    measures = {one.measure for one in found}
    return measures.pop() if len(measures) == 1 else ACCURACY


def _edges(one: Need) -> tuple[str, str]:
    """How many edges, and how many workers of each."""
    edges, workers = one.found.edges, one.found.workers
    return ("any", "any") if workers is None else (f"{edges:,}", f"{workers:,}" if edges else "")


def _cells(one: Need) -> tuple[str, ...]:
    """What a row says of figures, with a star where edges fall short."""
    figures, idle = one.found, one.idle
    late, for_the_edge, accuracy = ("*" * (each in one.shortfalls) for each in Shortfall)
    return (
        f"{figures.late_share:.2%}{late}",
        f"{figures.stood_by_share:.2%}{for_the_edge}",
        f"{figures.device_share:.1%}",
        f"{_number(figures.accuracy)}{accuracy} ({_number(idle.accuracy)})",
        "" if figures.utilisation is None else f"{figures.utilisation:.0%}",
        "" if figures.longest_wait_s is None else milliseconds_number(figures.longest_wait_s),
        "" if figures.latency_s is None else milliseconds_number(figures.latency_s),
        three_digits(figures.goodput_hz),
    )


def plan_shares_table(one: Need) -> Table:
    """Which plans devices choose, beside an edge on which nobody waits."""
    table = _table("Plans that devices choose")
    table.add_column("plan", overflow="fold")
    for heading in ("share", "where nobody waits"):
        table.add_column(heading, justify="right", no_wrap=True)
    loaded, idle = dict(one.found.plans), dict(one.idle.plans)
    for plan in dict.fromkeys((*loaded, *idle)):
        shares = (loaded.get(plan, 0.0), idle.get(plan, 0.0))
        if max(shares) >= _LEAST_SHOWN:
            table.add_row(plan, *(f"{share:.1%}" for share in shares))
    return table


_LEAST_SHOWN = 0.0005
"""Plans that are chosen more rarely have no row."""


def _number(accuracy: float | None) -> str:
    return "none" if accuracy is None else f"{accuracy:.3f}"


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
