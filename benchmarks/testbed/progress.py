"""A bar that fills while something is measured; in a log, a line whenever it goes on to something else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Tell: TypeAlias = Callable[[str, float], None]
"""Is told what is measured now, and the share that is done."""


@contextmanager
def bar(console: Console, title: str) -> Iterator[Tell]:
    """Show a bar for as long as the context lasts; yields what it is told by."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    shown = ""
    with Progress(*columns, console=console) as bars:
        task = bars.add_task(title, total=1.0)

        def tell(what: str, share: float) -> None:
            nonlocal shown
            description = f"{title}: {what}" if what else title
            bars.update(task, description=description, completed=share)
            if description != shown and not console.is_terminal:
                console.print(description, highlight=False)
            shown = description

        yield tell
        bars.update(task, completed=1.0)
