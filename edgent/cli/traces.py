"""``edgent traces``: what bandwidth traces are like."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edgent.cli.figure_file import write_figure
from edgent.cli.trace_options import Plot, Scale, Seed, read_traces


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(traces)


def traces(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of bandwidth traces; seeded demo traces without it.")
    ] = None,
    scale: Scale = 1.0,
    seed: Seed = 0,
    plot: Plot = None,
    write: Annotated[
        Path | None, typer.Option(help="Folder to write them to, as lines `seconds Mbps`.")
    ] = None,
) -> None:
    """Print what bandwidth traces are like: how many, how long, how fast, how often down."""
    from edgent.bandwidth.trace_files import write_trace
    from edgent.show.trace_table import traces_table

    found = read_traces(folder, scale, seed)
    console = Console()
    console.print(traces_table(found))
    if plot is not None:
        from edgent.show.trace_figure import traces_figure

        write_figure(traces_figure(found), plot)
        console.print(f"written: {plot}", highlight=False)
    if write is not None:
        try:
            for trace in found:
                path = write / f"{trace.name}.txt"
                path.parent.mkdir(parents=True, exist_ok=True)
                write_trace(trace, path)
        except OSError as error:
            raise typer.BadParameter(f"{write}: cannot be written: {error.strerror}") from None
        console.print(f"written: {len(found)} traces in {write}/", highlight=False)
