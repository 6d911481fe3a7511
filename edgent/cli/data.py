"""``edgent data``: fetch the official CIFAR-10."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

_ARCHIVE_BYTES = 170_052_171


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(data)


def data(
    folder: Annotated[
        Path, typer.Argument(envvar="EDGENT_DATA_DIR", help="Where to put it.", show_default=True)
    ] = Path("data"),
) -> None:
    """Fetch CIFAR-10 (170 MB), check its digest, and unpack it."""
    from edgent.datasets.cifar10_download import download_cifar10

    console = Console()
    columns = (
        *Progress.get_default_columns()[:2],
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("CIFAR-10", total=_ARCHIVE_BYTES)
        unpacked = download_cifar10(folder, lambda done_bytes: bar.update(task, completed=done_bytes))
    console.print(
        f"CIFAR-10 is in {unpacked}; commands find it through EDGENT_DATA_DIR={folder}", highlight=False
    )
