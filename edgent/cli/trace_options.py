"""Options that several commands about links and traces have."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgent.cli.figure_file import check_figure_file

if TYPE_CHECKING:
    from edgent.bandwidth.traces import BandwidthTrace


class Reward(str, Enum):
    """What plans are chosen for."""

    PAPER = "paper"
    ACCURACY = "accuracy"

    @property
    def throughput_weight(self) -> float:
        """Factor of the throughput, which is added to exp(accuracy)."""
        return 1.0 if self is Reward.PAPER else 0.0


RewardOption = Annotated[
    Reward,
    typer.Option(
        "--reward",
        help="Reward of an answer in time: exp(accuracy) + throughput as in the paper, or exp(accuracy).",
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option("--traces", metavar="FOLDER", help="Folder of bandwidth traces; by default demo traces."),
]
Scale = Annotated[
    float, typer.Option(metavar="FACTOR", help="Factor for every bandwidth; the paper's is 0.0901.")
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the demo traces.")]
Slowdown = Annotated[
    float,
    typer.Option(
        min=1e-3, max=1e6, metavar="FACTOR", help="How many times slower the device is than the profiled one."
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option(metavar="FILE", callback=check_figure_file, help="Write a figure: .png, .svg or .pdf."),
]


def read_traces(folder: Path | None, scale: float, seed: int) -> "tuple[BandwidthTrace, ...]":
    """The traces of a folder; without one, demo traces from a generator with a seed.

    Raises:
        DataError: no such folder, no traces in it, a malformed one, or a scale that is not above 0.
    """
    from edgent.bandwidth.generator import demo_traces
    from edgent.bandwidth.trace_files import load_traces

    traces = demo_traces(seed=seed) if folder is None else load_traces(folder)
    return traces if scale == 1 else tuple(trace.scaled(scale) for trace in traces)
