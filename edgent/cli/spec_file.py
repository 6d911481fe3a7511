"""The argument that most commands begin with: a pipeline spec.

Commands that write beside a spec take a file. The others take the name of a shipped pipeline as well.
"""

from pathlib import Path
from typing import Annotated

import typer

from edgent.shipped import own_spec_path, spec_path
from edgent.spec import Pipeline
from edgent.spec.completion import complete_spec

SpecFile = Annotated[
    Path,
    typer.Argument(
        metavar="SPEC",
        help="The pipeline spec, a YAML file.",
        autocompletion=complete_spec,
        callback=own_spec_path,
    ),
]
SpecFileOrName = Annotated[
    Path,
    typer.Argument(
        metavar="SPEC",
        help="The pipeline spec, a YAML file, or the name of a shipped pipeline.",
        autocompletion=complete_spec,
        callback=spec_path,
    ),
]


def of_named_edge(spec: Pipeline, name: str | None) -> Pipeline:
    """The pipeline with one of its edges alone; all of them where no name is given.

    Raises:
        SpecError: the spec lists no such edge.
    """
    return spec if name is None else spec.of_edge(spec.edge_named(name))
