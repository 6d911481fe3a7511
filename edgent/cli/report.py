"""``edgent report``: a page of what a device recorded."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edgent.cli.result_file import result_file
from edgent.command_line import add_command
from edgent.counted import counted
from edgent.extras import require
from edgent.fitted_table import table_console


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        report,
        "edgent report run.jsonl",
        "edgent report run.jsonl --out pages/monday.html",
    )


def report(
    recording: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `edgent-device --record FILE` wrote.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The page; by default beside the recording, with the ending .html."
        ),
    ] = None,
) -> None:
    """Make a page of a recording: bandwidth, plans, latencies, exits, accuracy, errors and pictures.

    It is one file that opens from disk and needs no network. The last 10,000 answers are drawn one by one,
    and all of them are counted.
    """
    require("bokeh")
    from edgent.page.report import report_page
    from edgent.recording.reading import read_recording

    page = out or recording.with_suffix(".html")
    if page == recording:
        raise typer.BadParameter(f"--out {page} is the recording itself; name another file")
    with Console(stderr=True).status(f"reading {recording}"):
        history = read_recording(recording)
        text = report_page(history)
    with result_file(page) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    said = f"written: {page}, of {counted(history.answered, 'answer')}"
    table_console().print(said, highlight=False, markup=False, soft_wrap=True)
