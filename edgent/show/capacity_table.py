"""How many edges it takes, as tables and sentences to read."""

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.table import Table

from edgent.capacity.figures import Figures
from edgent.capacity.need import Need
from edgent.counted import counted
from edgent.units import milliseconds, milliseconds_number

LEAST_FIRST = ("wait ms", "answers/s", "ms", "alone", "use")
"""Headings of the columns that a narrow terminal can do without."""
_HEADINGS = (
    *("devices", "within", "edges", "workers", "late", "local", "alone", "accuracy"),
    *("use", "wait ms", "ms", "answers/s"),
)


def capacity_table(found: Sequence[Need], title: str) -> Table:
    """One row for each question: what it takes, and what comes of it."""
    table = _table(title)
    table.caption = (
        "late: nobody answers in time; local: a local exit does, as the edge is late; alone: planned "
        "without the edge; use: of the workers' time; wait ms: in the edge's queue, 99 % wait less; ms: of "
        "answers in time; accuracy: of these, in brackets where nobody waits on an edge"
    )
    table.caption_justify = "left"
    with_names = len({one.name for one in found}) > 1
    if with_names:
        table.add_column("pipeline", no_wrap=True)
    for heading in _HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True)
    for one in found:
        cells = (f"{one.devices:,}", milliseconds(one.latency_requirement_s), *_cells(one.found, one.idle))
        table.add_row(*(one.name,) * with_names, *cells, style=None if one.is_enough else "yellow")
    return table


def _cells(figures: Figures, idle: Figures) -> tuple[str, ...]:
    """What a row says of figures."""
    return (
        "any" if figures.workers is None else f"{figures.edges:,}",
        "any" if figures.workers is None else f"{figures.total_workers:,}",
        f"{figures.late_share:.2%}",
        f"{figures.stood_by_share:.2%}",
        f"{figures.device_share:.1%}",
        f"{_number(figures.accuracy)} ({_number(idle.accuracy)})",
        "" if figures.utilisation is None else f"{figures.utilisation:.0%}",
        "" if figures.longest_wait_s is None else milliseconds_number(figures.longest_wait_s),
        "" if figures.latency_s is None else milliseconds_number(figures.latency_s),
        f"{figures.goodput_hz:,.0f}" if figures.goodput_hz >= 100 else f"{figures.goodput_hz:.3g}",
    )


def plan_shares_table(one: Need) -> Table:
    """Which plans devices choose, beside an edge on which nobody waits."""
    table = _table("Plans that devices choose")
    table.add_column("plan", no_wrap=True)
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


def verdict(one: Need) -> str:
    """What it takes, in sentences."""
    devices = f"{counted(one.devices, 'device')} of {one.name} that ask at {one.rate_hz:g} Hz each"
    figures, within = one.found, milliseconds(one.latency_requirement_s)
    if figures.workers is None:
        return (
            f"No number of edges is enough for {devices}: where nobody waits on an edge, "
            f"{figures.late_share:.1%} are late within {within}. A longer requirement, a quicker device or "
            "quicker links may help."
        )
    if not figures.edges and one.is_enough:
        return (
            f"No edge is needed for {devices}: alone at most {100 * one.late_share:g} % are late within "
            f"{within}, and at most {one.loss:g} of {one.measure} is lost."
        )
    edges = f"{counted(figures.edges, 'edge')} of {counted(figures.workers, 'worker')}"
    enough = f"{'is' if figures.edges == 1 else 'are'} {'' if one.is_enough else 'not '}enough"
    return (
        f"{edges} {enough} for {devices}, within {within}, where load may make {100 * one.late_share:g} % "
        f"late and cost {one.loss:g} of {one.measure}."
    )


def _number(accuracy: float | None) -> str:
    return "none" if accuracy is None else f"{accuracy:.3f}"


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
