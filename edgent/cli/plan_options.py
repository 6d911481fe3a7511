"""The options of ``edgent plan``."""

from typing import Annotated, Literal

import typer

from edgent.planning.objective import ObjectiveName

_LOWEST_KBPS = 1e-3

BandwidthKbpsOption = Annotated[
    float | None,
    typer.Option(
        min=_LOWEST_KBPS,
        metavar="KBPS",
        help="Bandwidth from device to edge; by default a table over the spec's range is printed.",
    ),
]
DownloadKbpsOption = Annotated[
    float | None,
    typer.Option(
        min=_LOWEST_KBPS,
        metavar="KBPS",
        help="Bandwidth from edge to device; by default that of --bandwidth-kbps.",
    ),
]
RoundTripMsOption = Annotated[
    float | None,
    typer.Option(metavar="MS", help="Time of an empty request; by default the spec's range.round_trip_ms."),
]
LatencyMsOption = Annotated[
    float | None, typer.Option(min=1e-3, metavar="MS", help="Latency requirement; by default the spec's.")
]
AlgorithmOption = Annotated[
    Literal["ours", "paper"],
    typer.Option(help="Algorithm 1 over all plans, or as in the paper: never edge-only, no codecs."),
]
EdgeOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Which of the spec's edges to plan for; by default the first."),
]
TopOption = Annotated[
    int | None,
    typer.Option(min=1, max=1000, metavar="COUNT", help="Number of plans to list; 6, or 20 of the front."),
]
ParetoOption = Annotated[
    bool,
    typer.Option(
        "--pareto",
        help="List the plans that none beats in latency, accuracy, bytes and either node's seconds at once.",
    ),
]
ObjectiveOption = Annotated[
    ObjectiveName | None,
    typer.Option(
        help="What plans in time are chosen for: accuracy takes the deepest exit, the others the least of a "
        "cost; by default the spec's objective."
    ),
]
LeastAccuracyOption = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        metavar="SHARE",
        help="Plans of less are taken only where no other one is in time; by default the spec's.",
    ),
]
ExplainOption = Annotated[bool, typer.Option("--explain", help="Explain the choice in two sentences.")]
