"""The options of ``edgent-device``."""

from pathlib import Path
from typing import Annotated

import typer

from edgent.errors import InputError
from edgent.page.address import LOOPBACK
from edgent.shipped import spec_path
from edgent.spec.completion import complete_spec

PipelineOption = Annotated[
    Path,
    typer.Option(
        metavar="SPEC",
        help="The pipeline spec, a YAML file, or the name of a shipped pipeline.",
        autocompletion=complete_spec,
        callback=spec_path,
    ),
]
SourcesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="PATH",
        help="An image, a .npy or .npz file, a folder of these, a .csv list of them, or the word test for "
        "held-out data; by default the spec's samples. Several are run one after the other.",
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Write what the exit gave for each input here, as .npy files; one for each --plan.",
    ),
]
LatencyMsOption = Annotated[
    float | None,
    typer.Option(min=0.001, metavar="MS", help="Latency requirement; by default the spec's."),
]
PlanOption = Annotated[
    list[str] | None,
    typer.Option(metavar="PLAN", help="Fixed plan, such as exit3:p7:webp:uint8; several are run in turn."),
]
CountOption = Annotated[
    int | None, typer.Option(min=1, metavar="COUNT", help="Number of inputs to run; by default all.")
]
RepeatOption = Annotated[
    int,
    typer.Option(min=1, max=1_000_000, metavar="COUNT", help="Number of times that the inputs are run."),
]
MetricsPortOption = Annotated[
    int | None,
    typer.Option(min=1, max=65535, metavar="PORT", help="Answer Prometheus here while inputs are answered."),
]
MetricsHostOption = Annotated[
    str | None,
    typer.Option(
        metavar="HOST",
        help=f"Address of this machine at which it may ask, by default {LOOPBACK}; no token is wanted there.",
    ),
]
AsJsonOption = Annotated[bool, typer.Option("--json", help="Print a line of JSON for each answer.")]
RecordOption = Annotated[
    Path | None,
    typer.Option(
        "--record",
        metavar="FILE",
        help="Write a line for each answer here; `edgent report` makes a page of it.",
    ),
]
LiveOption = Annotated[
    int | None,
    typer.Option(
        "--live", metavar="PORT", min=1, max=65535, help="Serve a page of what happens at this port."
    ),
]
LiveHostOption = Annotated[
    str | None,
    typer.Option(
        "--live-host",
        metavar="HOST",
        help=f"Address of the page, by default {LOOPBACK}; any but loopback needs a token, which is printed, "
        "or taken from EDGENT_LIVE_TOKEN.",
    ),
]
StreamOption = Annotated[
    str | None,
    typer.Option(
        "--stream",
        metavar="SOURCE",
        help="Answer frames as they come, the newest first: camera:0, a video file, watch:FOLDER, - for "
        "JPEG files on standard input, or a URL of RTSP or HTTP. Broken frames are counted; they do not "
        "change the exit code unless no frame is answered.",
    ),
]
FrameFormatOption = Annotated[
    str | None,
    typer.Option(
        metavar="FORMAT", help="Of raw frames on standard input, such as rgb24:640x480; else JPEG files."
    ),
]
FpsOption = Annotated[
    float | None,
    typer.Option("--fps", min=0.001, metavar="HZ", help="Frames of the stream a second at most."),
]
EveryFrameOption = Annotated[
    bool,
    typer.Option("--every-frame", help="Drop no frame of the stream: its file or its pipe waits."),
]


def check_hosts(
    metrics_host: str | None, metrics_port: int | None, live_host: str | None, live: int | None
) -> None:
    """Refuse an address without the port that it is for: nothing would be served, and nothing said.

    Raises:
        InputError: there is one.
    """
    if metrics_host is not None and metrics_port is None:
        raise InputError("--metrics-host: this is for metrics; say at which port with --metrics-port")
    if live_host is not None and live is None:
        raise InputError("--live-host: this is for the live page; say at which port with --live")
