"""Writing a figure to a file that the user named."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from edgent.cli.result_file import result_file
from edgent.extras import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ENDINGS = (".png", ".svg", ".pdf")


def check_figure_file(path: Path | None) -> Path | None:
    """The file, as far as that can be told before there is a figure: a typer callback.

    Raises:
        typer.BadParameter: the file's ending names no format of figures.
        MissingExtraError: matplotlib is not installed.
    """
    if path is not None:
        if path.suffix.lower() not in _ENDINGS:
            raise typer.BadParameter(f"{path}: figures are written as {', '.join(_ENDINGS)}")
        require("matplotlib")
    return path


def write_figure(figure: "Figure", path: Path, console: Console) -> None:
    """Write a figure in the format of the file's ending, and say so on a console.

    A folder that is missing is made.

    Raises:
        typer.BadParameter: the file cannot be written.
    """
    # Of fonts that are missing only a last resort's would matter, and that is a warning of its own.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    with result_file(path) as unfinished:
        figure.savefig(unfinished, dpi=150)
    console.print(f"written: {path}", highlight=False, markup=False, soft_wrap=True)
