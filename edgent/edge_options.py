"""Options of commands that ask an edge: the token, and whom to believe that it is the edge."""

from pathlib import Path
from typing import Annotated

import typer

TokenFileOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="EDGENT_TOKEN_FILE",
        help="TorchServe's key_file.json, or a file with the token alone; by default the spec's.",
    ),
]
CaFileOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="EDGENT_CA_FILE",
        help="Certificate authority for https and grpcs, in PEM; by default the spec's, else the system's.",
    ),
]
