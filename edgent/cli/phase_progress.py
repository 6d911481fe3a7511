"""Progress of work that goes through phases: one bar each, with the time left."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from edgent.progress_bars import progress_bars

if TYPE_CHECKING:
    from edgent.latency.timing import Progress


def phase_columns() -> tuple[ProgressColumn, ...]:
    """What a bar shows: its phase, the share, the time that passed and the time that is left."""
    return (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
    )


@contextmanager
def phase_progress(console: Console | None = None) -> Iterator["Progress"]:
    """Show bars on a console, stderr when None; yields what profiling and evaluation take as ``progress``."""
    tasks: dict[str, TaskID] = {}
    with progress_bars(*phase_columns(), console=console) as bars:

        def report(phase: str, done: float, total: float) -> None:
            if phase not in tasks:
                tasks[phase] = bars.add_task(phase, total=total)
            bars.update(tasks[phase], completed=done, total=total)

        yield report
