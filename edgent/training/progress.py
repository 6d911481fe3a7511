"""A training's progress on the terminal: share done, time left, epoch, loss."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from edgent.progress_bars import progress_bars
from edgent.training.joint_training import Progress


@contextmanager
def progress_bar(console: Console | None = None) -> Iterator[Callable[[Progress], None]]:
    """Show a bar on a console, stderr when None; yields what ``train`` takes as ``progress``."""
    columns = (
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[loss]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
    )
    with progress_bars(*columns, console=console) as bar:
        task = bar.add_task("training", total=1.0, epoch=0, loss="")

        def report(progress: Progress) -> None:
            bar.update(task, completed=progress.share, epoch=progress.epoch, loss=f"loss {progress.loss:.3f}")

        yield report
        bar.update(task, completed=1.0)
