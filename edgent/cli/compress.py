"""``edgent compress``: train feature codecs for what crosses between device and edge."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from edgent.cli.left_out import say_what_was_left_out
from edgent.cli.spec_file import SpecFile
from edgent.command_line import add_command
from edgent.errors import PlanError
from edgent.extras import require
from edgent.fitted_table import print_fitted, table_console
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.compression.codec_data import CodecData
    from edgent.compression.codec_place import CodecPlace, Direction
    from edgent.compression.making import MadeCodec, Request
    from edgent.graph.feature_record import FeatureCodecRecord
    from edgent.network import Network
    from edgent.spec import Pipeline


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        compress,
        "edgent compress pipelines/flowers.yaml --at exit6:p24",
        "edgent compress pipelines/flowers.yaml --at exit6:p24 --from p0 --channels 32 --bytes 1500",
        "edgent compress pipelines/flowers.yaml --auto --minutes 120",
    )


AtOption = Annotated[
    str | None,
    typer.Option(metavar="EXIT:pN", help="Where the decoder gives its tensor: partition point N of an exit."),
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="pM",
        help="Where the encoder reads, M at most N: it replaces layers M to N; p0 is the network's input.",
    ),
]
AutoOption = Annotated[bool, typer.Option("--auto", help="Try a few places and widths, and keep the front.")]
ChannelsOption = Annotated[int, typer.Option(min=1, max=512, metavar="COUNT", help="Channels of the code.")]
BytesOption = Annotated[
    int | None,
    typer.Option(
        "--bytes",
        min=64,
        max=1_000_000,
        metavar="BYTES",
        help="Size of the frame to aim at; by default 2 bits an element.",
    ),
]
MinutesOption = Annotated[
    float,
    typer.Option(
        min=0.01, max=100_000, metavar="MINUTES", help="Minutes of training, of all codecs together."
    ),
]
DownOption = Annotated[
    bool,
    typer.Option(
        "--down", help="The code travels from the edge to the device: its decoder is the light half."
    ),
]
NameOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Name of the codec; by default its place and channels.")
]
SeedOption = Annotated[int, typer.Option(min=0, metavar="NUMBER", help="Seed of all random choices.")]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Train anew a codec whose files are there already.")
]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Continue from the last checkpoint.")]
ThreadsOption = Annotated[int, typer.Option(min=1, max=256, metavar="COUNT", help="Threads that torch uses.")]


def compress(
    spec: SpecFile,
    at: AtOption = None,
    reads_at: FromOption = None,
    auto: AutoOption = False,
    channels: ChannelsOption = 16,
    target_bytes: BytesOption = None,
    minutes: MinutesOption = 20.0,
    down: DownOption = False,
    name: NameOption = None,
    seed: SeedOption = 0,
    resume: ResumeOption = False,
    replaces: ReplaceOption = False,
    threads: ThreadsOption = 2,
) -> None:
    """Train a feature codec: an encoder and a decoder that carry an activation in some hundred bytes.

    They learn the spec's photos and, through the layers behind them, the network's answers; the network stays
    as it is. Both halves and a record are written beside the network. Checkpoints are kept in
    runs/NAME/features, from which --resume continues.
    """
    require("torch", "safetensors")
    from edgent.compression.codec_data import CodecData
    from edgent.compression.codec_name import check_name, codec_name
    from edgent.compression.codec_place import DOWN, UP, CodecPlace
    from edgent.compression.making import Request
    from edgent.network import Network

    pipeline = read_spec(spec)
    _check_options(auto, at, name)
    network, direction = Network.open(pipeline), DOWN if down else UP
    tried = (
        ((CodecPlace.parse(network.graph, at, reads_at, direction), channels),)
        if at is not None
        else _places_to_try(network, direction)
    )
    names = [codec_name(*one) if name is None else name for one in tried]
    for called in names:
        check_name(called, _folder(pipeline) / f"{called}.yaml", may_exist=replaces or resume)
    data = CodecData.of(pipeline)
    requests = [
        Request(
            place=place,
            name=called,
            channels=width,
            target_bytes=None if auto else target_bytes,
            time_budget_s=minutes * 60 / len(tried),
            seed=seed,
            threads=threads,
            command="",
        )
        for (place, width), called in zip(tried, names, strict=True)
    ]
    told = [replace(request, command=_command(spec, request)) for request in requests]
    _make(network, data, told, resume=resume, only_front=auto)


def _check_options(auto: bool, at: str | None, name: str | None) -> None:
    """Refuse what contradicts itself.

    Raises:
        PlanError: that is so.
    """
    if auto == (at is not None):
        raise PlanError("name a place with --at, such as exit2:p7, or let --auto try some: one of both")
    if auto and name is not None:
        raise PlanError("--auto names its codecs by their places: leave --name out")


def _places_to_try(network: "Network", direction: "Direction") -> "Sequence[tuple[CodecPlace, int]]":
    """Places with numbers of channels, for ``--auto``."""
    from edgent.compression.candidates import candidates

    tried = candidates(network.graph, direction)
    if not tried:
        raise PlanError(
            f"{network.spec.file}: no activation along the trunk has a shape [channels, height, width]"
        )
    return tried


def _make(
    network: "Network", data: "CodecData", requests: "Sequence[Request]", *, resume: bool, only_front: bool
) -> None:
    """Train one after the other, then write those that are worth having."""
    from edgent.cli.compress_progress import compress_progress
    from edgent.compression.candidates import front
    from edgent.compression.codec_name import alone
    from edgent.compression.making import make_feature_codec

    spec, console = network.spec, table_console()
    known = (*data.train.left_out, *data.held_out.left_out)
    say_what_was_left_out(known)
    made = []
    for request in requests:
        checkpoint = Path("runs") / spec.name / "features" / f"{request.name}.safetensors"
        try:
            with alone(checkpoint), compress_progress(console, request) as told:
                goes_on = resume and (checkpoint.is_file() or not only_front)
                made.append(make_feature_codec(network, data, request, checkpoint, told, resume=goes_on))
        except KeyboardInterrupt:
            if checkpoint.is_file():
                console.print(
                    f"{checkpoint} is kept: the same command with --resume goes on", highlight=False
                )
            raise
    say_what_was_left_out([*data.train.left_out, *data.held_out.left_out][len(known) :])
    records = [one.record for one in made]
    kept = front(records, network.graph) if only_front else records
    print_fitted(
        _table(records, kept, network), console, (_EPOCHS, _WORK, _P95), more="the files have them all"
    )
    written = [_write(network, one, console) for one in made if one.record in kept]
    if not all(written):
        raise typer.Exit(1)


def _write(network: "Network", made: "MadeCodec", console: Console) -> bool:
    """Write a codec, unless one of little use would take the place of a better one; tells which."""
    from edgent.compression.candidates import device_macs
    from edgent.compression.weak_codec import better_one_there, weaknesses

    record, folder = made.record, _folder(network.spec)
    doubts = list(weaknesses(record))
    kept = better_one_there(folder / f"{record.name}.yaml", record) if doubts else None
    if device_macs(record, network.graph) >= network.graph.path_of(record.exit).macs:
        doubts.append(
            f"{record.name} lets the device compute more than the whole network does: no plan with it can be "
            "worth it"
        )
    for doubt in (*doubts, *([] if kept is None else [kept])):
        console.print(doubt, style="yellow", highlight=False, soft_wrap=True)
    if kept is not None:
        return False
    path = made.write(folder)
    console.print(f"written: {path}, with its encoder and decoder", highlight=False, soft_wrap=True)
    return True


def _folder(spec: "Pipeline") -> Path:
    """Where a pipeline's feature codecs are kept."""
    return spec.resolve(f"{spec.name}/features")


_P95, _WORK, _EPOCHS = "95 %", "device's work", "epochs"


def _table(
    records: "Sequence[FeatureCodecRecord]", kept: "Sequence[FeatureCodecRecord]", network: "Network"
) -> Table:
    """What each codec takes and costs."""
    from edgent.compression.candidates import device_macs

    first = records[0]
    title = f"{first.measure} on {first.held_out:,} held-out inputs"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("codec", overflow="fold")
    for heading in (_EPOCHS, "bytes", _P95, _WORK, "exit", "without", "with codec"):
        table.add_column(heading, justify="left" if heading == "exit" else "right", no_wrap=True)
    for record in records:
        whole = network.graph.path_of(record.exit).macs
        share = f"{device_macs(record, network.graph) / max(1, whole):.1%}"
        beaten = "" if record in kept else ", beaten, not written"
        name, epochs = f"{record.name}{beaten}", f"{record.training.epochs:.1f}"
        about = (name, epochs, f"{record.bytes_mean:,.0f}", f"{record.bytes_p95:,.0f}", share)
        for number, exit_ in enumerate(record.exits):
            cells = about if number == 0 else ("",) * len(about)
            table.add_row(*cells, exit_.exit, f"{exit_.without:.4f}", f"{exit_.with_codec:.4f}")
        table.add_section()
    return table


def _command(spec: Path, request: "Request") -> str:
    """What makes this codec again, for its record."""
    place = request.place
    words = ["edgent", "compress", spec.name, "--at", f"{place.exit}:p{place.stop}"]
    if place.jumps:
        words += ["--from", f"p{place.start}"]
    if request.target_bytes is not None:
        words += ["--bytes", str(request.target_bytes)]
    if place.direction == "down":
        words.append("--down")
    words += ["--channels", str(request.channels), "--name", request.name]
    return shlex.join([*words, "--minutes", f"{request.time_budget_s / 60:g}", "--seed", str(request.seed)])
