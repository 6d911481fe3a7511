"""``edgent traces``: what bandwidth traces are like."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.cli.figure_file import write_figure
from edgent.cli.json_option import AsJsonOption
from edgent.cli.result_file import result_file
from edgent.cli.trace_options import Folder, Plot, Scale, Seed, read_traces, with_reading_options
from edgent.command_line import add_command
from edgent.counted import counted
from edgent.fitted_table import print_fitted, table_console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from edgent.bandwidth.traces import BandwidthTrace


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        traces,
        "edgent traces",
        "edgent traces --json",
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
            metavar="FOLDER",
            help="Write the traces into new files: lines `seconds Mbps`, or a table of up and down.",
        ),
    ] = None,
    as_json: AsJsonOption = False,
    *,
    reading: ReadingOptions,
) -> None:
    """Print statistics of bandwidth traces: how many there are, how long, how fast, and how often down."""
    if folder is not None and traces is not None:
        raise typer.BadParameter(f"two folders are given, {folder} and --traces {traces}; leave one out")
    recorded = read_traces(folder or traces, scale, seed, reading)
    console = table_console(is_aside=as_json)
    _show(recorded, console, as_json=as_json)
    if plot is not None:
        from edgent.show.trace_figure import traces_figure

        write_figure(traces_figure(recorded), plot, console)
    if write is not None:
        _write(recorded, write)
        console.print(f"written: {counted(len(recorded), 'trace')} in {write}/", highlight=False)


def _show(recorded: "Sequence[BandwidthTrace]", console: "Console", *, as_json: bool) -> None:
    """Statistics of each set and direction, in the order of the traces."""
    from edgent.bandwidth.trace_statistics import statistics_by_set
    from edgent.show.trace_table import traces_table

    if as_json:
        sets = [{"set": name, **asdict(figures)} for name, figures in statistics_by_set(recorded)]
        typer.echo(json.dumps(sets, indent=2))
    else:
        print_fitted(traces_table(recorded), console, ("sample s", "hours", "p5", "p95"))


def _write(recorded: "Sequence[BandwidthTrace]", folder: Path) -> None:
    """Write each trace into a file of its own; nothing that is there already is overwritten.

    Raises:
        typer.BadParameter: a file is there already, two would be the same one, or one cannot be written.
        DataError: a trace would not be read back.
    """
    from edgent.bandwidth.trace_writing import trace_text

    texts: dict[Path, str] = {}
    for trace in recorded:
        file = folder / f"{trace.name}.{'txt' if trace.download is None else 'csv'}"
        if file.exists():
            raise typer.BadParameter(
                f"{file} exists and is not overwritten: name another folder with --write"
            )
        if file in texts:
            raise typer.BadParameter(
                f"two traces are named {trace.name}, and {file} can hold one: give their files or folders "
                "names of their own"
            )
        texts[file] = trace_text(trace)
    for file, text in texts.items():
        with result_file(file) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
