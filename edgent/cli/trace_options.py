"""Options that several commands about links and traces have."""

import functools
import inspect
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.cli.figure_file import check_figure_file
from edgent.cli.left_out import say_what_was_left_out

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
        help="Reward of an answer in time: exp(accuracy), or the paper's, which adds 1/latency: that is 100 "
        "at 10 ms, where exp(accuracy) is 2.7 at most, so that the quickest exit wins.",
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option("--traces", metavar="FOLDER", help="Folder of bandwidth traces; by default demo traces."),
]
Scale = Annotated[
    float, typer.Option(metavar="FACTOR", help="Factor for every bandwidth; the paper's is 0.0901.")
]
Seed = Annotated[int, typer.Option(min=0, metavar="NUMBER", help="Seed of the demo traces.")]
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


_READING: dict[str, Any] = {
    "trace_format": Annotated[
        str | None,
        typer.Option(
            "--format", metavar="NAME", help="Format of the traces, such as ms-kbps; else recognised."
        ),
    ],
    "time": Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Column of a table that is the time; `NAME:UNIT` tells its unit."
        ),
    ],
    "rate": Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column that is the bandwidth, such as rate:kbps.")
    ],
    "up": Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column that is the upload, such as ul:Mbps.")
    ],
    "down": Annotated[str | None, typer.Option(metavar="COLUMN", help="Column that is the download.")],
    "interval_s": Annotated[
        float,
        typer.Option(
            "--interval", metavar="SECONDS", help="Interval in which Mahimahi's stamps are counted."
        ),
    ],
}
"""What a command takes for each of the `ReadingOptions`."""


def with_reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options that say how trace files are read, which it gets as `reading`.

    An option of its own that has the same name stays its own.
    """
    signature = inspect.signature(command, eval_str=True)
    reading = {name: option for name, option in _READING.items() if name not in signature.parameters}

    @functools.wraps(command)
    def run(*arguments: Any, **given: Any) -> None:
        said = {name: given.pop(name) for name in reading if name in given}
        command(*arguments, reading=ReadingOptions(**said), **given)

    own = [parameter for name, parameter in signature.parameters.items() if name != "reading"]
    added = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=getattr(ReadingOptions, name), annotation=annotation
        )
        for name, annotation in reading.items()
    ]
    run.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]  # typer reads it
    return run


def read_traces(
    folder: Path | None, scale: float, seed: int, reading: ReadingOptions
) -> "tuple[BandwidthTrace, ...]":
    """The traces of a folder; without one, demo traces from a generator with a seed.

    What the files were taken for, and which of them were left out, is said on stderr.

    Raises:
        DataError: no such folder, no traces in it that can be read, or a scale that is not above 0.
    """
    from edgent.bandwidth.generator import demo_traces

    traces = demo_traces(seed=seed) if folder is None else _read_and_say(folder, reading)
    return traces if scale == 1 else tuple(trace.scaled(scale) for trace in traces)


def _read_and_say(folder: Path, reading: ReadingOptions) -> "tuple[BandwidthTrace, ...]":
    from edgent.bandwidth.trace_files import read_folder
    from edgent.show.trace_readings import reading_lines

    with Console(stderr=True).status(f"reading {folder}"):
        contents = read_folder(folder, reading)
    for line in reading_lines(contents.read):
        Console(stderr=True).print(line, highlight=False, soft_wrap=True, markup=False)
    say_what_was_left_out(contents.left_out)
    return tuple(read.trace for read in contents.read)
