"""The options of ``edgent capacity``."""

from pathlib import Path
from typing import Annotated, TypeVar

import typer

from edgent.reasons import shortened
from edgent.shipped import spec_path
from edgent.spec.completion import complete_spec

SpecFilesOrNames = Annotated[
    list[Path],
    typer.Argument(
        metavar="SPEC",
        help="Pipeline specs, YAML files or names of shipped pipelines.",
        autocompletion=complete_spec,
        callback=lambda specs: [spec_path(spec) for spec in specs],
    ),
]
DevicesOption = Annotated[
    str, typer.Option(metavar="COUNTS", help="How many devices; several, such as 100,1000, give a row each.")
]
RateOption = Annotated[
    float,
    typer.Option(
        min=1e-6, max=1e6, metavar="HZ", help="Requests of each device a second, at random moments."
    ),
]
RequirementMsOption = Annotated[
    str | None,
    typer.Option(
        metavar="MS", help="Latency requirements; several, such as 100,200, give a row each; else the spec's."
    ),
]
LateOption = Annotated[
    float,
    typer.Option(
        min=0, max=1, metavar="SHARE",
        help="Share of requests that may be late, and that load may make late for the edge.",
    ),
]  # fmt: skip
LossOption = Annotated[
    float,
    typer.Option(min=0, max=1, metavar="SHARE", help="How much accuracy load may cost: 0.01 is a point."),
]
EdgesOption = Annotated[
    int | None,
    typer.Option(
        min=0, max=1_000_000, metavar="COUNT", help="Number of edges; by default as few as are enough."
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        min=1, max=100_000, metavar="COUNT",
        help="Workers of each edge, 4 unless --edges is given; with --edges alone as few as are enough.",
    ),
]  # fmt: skip
SteadyKbpsOption = Annotated[
    float | None,
    typer.Option(
        "--bandwidth-kbps", min=1e-3, max=1e9, metavar="KBPS",
        help="Bandwidth of all devices, up and down, that never changes, in place of traces.",
    ),
]  # fmt: skip
DeadlineOption = Annotated[
    bool,
    typer.Option(
        "--deadline/--no-deadline",
        help="Edges do not compute what would be late, or they compute it in vain.",
    ),
]
JobsOption = Annotated[
    int | None,
    typer.Option(min=1, max=1024, metavar="COUNT", help="Number of processes; by default one for each core."),
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="A Dask scheduler of your own, such as tcp://host:8786, to compute."
    ),
]
CapacitySeedOption = Annotated[
    int,
    typer.Option(min=0, metavar="NUMBER", help="Seed of the moments of requests, and of the demo traces."),
]

Number = TypeVar("Number", int, float)
_LONGEST_NUMBER = 40


def numbers(text: str, kind: type[Number], option: str) -> list[Number]:
    """Numbers above 0, with commas between them.

    Raises:
        typer.BadParameter: there is something else, or a number of very many digits.
    """
    parts = text.split(",")
    if any(len(part) > _LONGEST_NUMBER for part in parts):
        raise typer.BadParameter(
            f"{shortened(text)!r}: expected numbers of at most {_LONGEST_NUMBER} digits", param_hint=option
        )
    try:
        found = [kind(part) for part in parts]
    except ValueError:
        found = []
    if not found or not all(0 < number < float("inf") for number in found):
        raise typer.BadParameter(
            f"{shortened(text)!r}: expected {'whole ' * (kind is int)}numbers above 0, "
            "such as 100 or 100,200",
            param_hint=option,
        )
    return list(dict.fromkeys(found))
