"""Bars of progress: on stderr, where they stand in nobody's way, and only if that is a terminal."""

import sys

from rich.console import Console
from rich.progress import Progress, ProgressColumn

_RECENT_S = 300.0  # the time left follows from what was done in these: a large network takes 20 for a round


def progress_bars(
    *columns: ProgressColumn, console: Console | None = None, transient: bool = False
) -> Progress:
    """Bars; on a console that is no terminal there are none, so that no file gets them.

    What is printed on stdout meanwhile stands above them where that is a terminal, too; else it goes where
    stdout goes.

    Args:
        columns: what a bar shows.
        console: where the bars are; stderr when None.
        transient: whether they vanish in the end.
    """
    console = console or Console(stderr=True)
    return Progress(
        *columns,
        console=console,
        speed_estimate_period=_RECENT_S,
        transient=transient,
        redirect_stdout=sys.stdout.isatty(),
        disable=not console.is_terminal,
    )
