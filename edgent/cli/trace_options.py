"""What the commands about traces have in common: where traces come from."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from edgent.bandwidth.traces import BandwidthTrace


class Reward(str, Enum):
    """What policies strive for."""

    PAPER = "paper"
    ACCURACY = "accuracy"

    @property
    def throughput_weight(self) -> float:
        """What throughput counts for beside exp(accuracy)."""
        return 1.0 if self is Reward.PAPER else 0.0


RewardOption = Annotated[
    Reward,
    typer.Option(
        "--reward", help="What plans strive for: exp(accuracy) + throughput (paper), or exp(accuracy) alone."
    ),
]
Folder = Annotated[
    Path | None, typer.Option("--traces", help="Folder of bandwidth traces; seeded demo traces without it.")
]
Scale = Annotated[float, typer.Option(help="Factor on every bandwidth, e.g. 0.0901 for 4G as in the paper.")]
Seed = Annotated[int, typer.Option(min=0, help="Of the demo traces.")]
Slowdown = Annotated[
    float, typer.Option(min=1e-3, max=1e6, help="How many times slower the device is than the profiled one.")
]
Plot = Annotated[Path | None, typer.Option(help="File for a figure: .png, .svg or .pdf.")]


def read_traces(folder: Path | None, scale: float, seed: int) -> "tuple[BandwidthTrace, ...]":
    """The traces of a folder, or those of the seeded generator.

    Raises:
        DataError: no such folder, no traces in it, a malformed one, or a scale that is not above 0.
    """
    from edgent.bandwidth.generator import demo_traces
    from edgent.bandwidth.trace_files import load_traces

    traces = demo_traces(seed=seed) if folder is None else load_traces(folder)
    return traces if scale == 1 else tuple(trace.scaled(scale) for trace in traces)
