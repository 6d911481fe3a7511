"""``edgent data``: fetch the official CIFAR-10."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from edgent.command_line import add_command
from edgent.progress_bars import progress_bars

_ARCHIVE_BYTES = 170_052_171


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(application, data, "edgent data", "edgent data ~/datasets")


def data(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", envvar="EDGENT_DATA_DIR", help="Folder that gets the data set."),
    ] = Path("data"),
) -> None:
    """Download CIFAR-10 (170 MB), check its digest, and unpack it."""
    from edgent.datasets.cifar10_download import download_cifar10

    columns = (
        *Progress.get_default_columns()[:2],
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with progress_bars(*columns) as bar:
        task = bar.add_task("CIFAR-10", total=_ARCHIVE_BYTES)
        unpacked = download_cifar10(folder, lambda done_bytes: bar.update(task, completed=done_bytes))
    Console().print(
        f"CIFAR-10 is in {unpacked}; set EDGENT_DATA_DIR={folder}, by which commands find it.",
        highlight=False,
        soft_wrap=True,
    )
