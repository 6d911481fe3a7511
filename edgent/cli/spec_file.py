"""The argument that most commands begin with: a pipeline spec."""

from pathlib import Path
from typing import Annotated

import typer

from edgent.spec.completion import complete_spec

SpecFile = Annotated[
    Path,
    typer.Argument(metavar="SPEC", help="The pipeline spec, a YAML file.", autocompletion=complete_spec),
]
