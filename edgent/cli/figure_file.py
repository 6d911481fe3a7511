"""Writing a figure to a file that the user named."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_figure(figure: "Figure", path: Path) -> None:
    """Write a figure in the format of the file's ending.

    Raises:
        typer.BadParameter: no such format, or the file cannot be written.
    """
    if not path.suffix:
        raise typer.BadParameter(f"{path}: give it an ending: .png, .svg or .pdf")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150)
    except ValueError:
        raise typer.BadParameter(f"{path}: figures are written as .png, .svg or .pdf") from None
    except OSError as error:
        raise typer.BadParameter(f"{path}: cannot be written: {error.strerror}") from None
