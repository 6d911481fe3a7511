"""The option of commands whose result a program may want."""

from typing import Annotated

import typer

AsJsonOption = Annotated[
    bool,
    typer.Option(
        "--json", help="Print the result as one JSON document, in SI units; all else goes to stderr."
    ),
]
