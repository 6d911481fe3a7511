"""``edgent new``: a pipeline of the user's own."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edgent.command_line import add_command
from edgent.shipped import copy_pipeline, shipped_pipelines


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application, new, "edgent new --example lenet", "edgent new --example alexnet --out /srv/pipelines"
    )


def new(
    example: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help=f"Pipeline that ships with edgent: {', '.join(shipped_pipelines())}.",
            autocompletion=lambda: list(shipped_pipelines()),
        ),
    ],
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Folder that gets the spec and its files.")
    ] = Path("pipelines"),
) -> None:
    """Copy a pipeline that ships with edgent: its spec, network, profiles and samples.

    Nothing that is there already is overwritten.
    """
    spec = copy_pipeline(example, out)
    console = Console()
    console.print(f"wrote {spec} and {spec.with_suffix('')}/", highlight=False)
    console.print(f"look at it: edgent show {spec}", highlight=False)
    console.print(f"build what TorchServe serves: edgent archive {spec}", highlight=False)
