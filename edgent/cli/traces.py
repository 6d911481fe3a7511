"""``edgent traces``: what bandwidth traces are like."""

from pathlib import Path
from typing import Annotated

import typer

from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.cli.figure_file import write_figure
from edgent.cli.trace_options import Folder, Plot, Scale, Seed, read_traces, with_reading_options
from edgent.command_line import add_command
from edgent.counted import counted
from edgent.fitted_table import print_fitted, table_console


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        traces,
        "edgent traces",
        "edgent traces --traces ~/belgium-4g --scale 0.0901 --plot traces.png",
        "edgent traces ~/drive-tests --time stamp:ms --up tx:kbps --down rx:kbps --write traces",
    )


@with_reading_options
def traces(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Folder of bandwidth traces, the same as --traces."),
    ] = None,
    traces: Folder = None,
    scale: Scale = 1.0,
    seed: Seed = 0,
    plot: Plot = None,
    write: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Write the traces: lines `seconds Mbps`, or a table of up and down."
        ),
    ] = None,
    *,
    reading: ReadingOptions,
) -> None:
    """Print statistics of bandwidth traces: how many there are, how long, how fast, and how often down."""
    from edgent.bandwidth.trace_file import write_trace
    from edgent.show.trace_table import traces_table

    if folder is not None and traces is not None:
        raise typer.BadParameter(f"two folders are given, {folder} and --traces {traces}; leave one out")
    recorded = read_traces(folder or traces, scale, seed, reading)
    console = table_console()
    print_fitted(traces_table(recorded), console, ("sample s", "hours", "p5", "p95"))
    if plot is not None:
        from edgent.show.trace_figure import traces_figure

        write_figure(traces_figure(recorded), plot, console)
    if write is not None:
        try:
            for trace in recorded:
                path = write / f"{trace.name}.{'txt' if trace.download is None else 'csv'}"
                path.parent.mkdir(parents=True, exist_ok=True)
                write_trace(trace, path)
        except OSError as error:
            raise typer.BadParameter(f"{write}: cannot be written: {error.strerror}") from None
        console.print(f"written: {counted(len(recorded), 'trace')} in {write}/", highlight=False)
