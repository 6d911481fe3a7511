"""``edgent bundle``: a folder from which a device starts, without a network and without onnx."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from edgent.cli.spec_file import SpecFileOrName
from edgent.command_line import add_command
from edgent.counted import counted
from edgent.errors import InputError
from edgent.extras import require
from edgent.network import Network
from edgent.spec import Pipeline, read_spec

if TYPE_CHECKING:
    from edgent.bundle.other_packages import OtherPackage


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        bundle,
        "edgent bundle lenet --out device",
        "edgent bundle pipelines/flowers.yaml --out device --samples photos --with stream",
    )


OutOption = Annotated[
    Path, typer.Option(metavar="FOLDER", help="Folder that gets everything.", show_default=False)
]
SamplesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="Inputs for the device: an image, a .npy or .npz file, or a folder of these; by default the "
        "spec's samples.",
    ),
]


class DeviceExtra(str, Enum):
    """What a device may have beside edgent's core."""

    STREAM = "stream"
    METRICS = "metrics"
    TRACES = "traces"
    LIVE = "live"


WithOption = Annotated[
    list[DeviceExtra] | None,
    typer.Option(
        "--with",
        help="Extra of edgent that the device installs, too, such as stream for cameras; may be repeated.",
        show_default=False,
    ),
]


def bundle(
    spec: SpecFileOrName, out: OutOption, samples: SamplesOption = None, extras: WithOption = None
) -> None:
    """Write a folder from which a device starts: copy it there, and install and run what is in it.

    It holds the spec and what that names, the network's segments cut already, samples, edgent's wheel, those
    of packages that declare a codec or policy of the spec, and a list of what else a device installs. A
    second run replaces that, and nothing else.

    What a device plans from is read as the device reads it: a profile of another network is refused, and one
    that was never made is told.
    """
    require("onnx")
    from edgent.bundle.folder import write_bundle

    pipeline = read_spec(spec)
    inputs = _samples(pipeline, samples)
    console = Console()
    with Console(stderr=True).status("cutting segments"):
        written = write_bundle(Network.open(pipeline), out, inputs, [extra.value for extra in extras or ()])
    for part in written.parts:
        line = f"{part.size_bytes / 1e6:8.2f} MB  {part.name} ({counted(part.files, 'file')})"
        console.print(line, highlight=False, soft_wrap=True)
    total = sum(part.size_bytes for part in written.parts)
    console.print(f"{total / 1e6:8.2f} MB  in {out}/", highlight=False, soft_wrap=True, markup=False)
    for package in written.packages:
        console.print(_in_words(package), highlight=False, soft_wrap=True, markup=False)
    if inputs is None:
        console.print("no samples: the device answers what --input names, or bundle some with --samples")
    if written.not_plannable is not None:
        line = f"for now a device starts from it with --plan alone: {written.not_plannable}"
        Console(stderr=True).print(line, style="yellow", highlight=False, soft_wrap=True, markup=False)
    console.print("on the device: sh install.sh, then sh run.sh", highlight=False)


def _in_words(package: "OtherPackage") -> str:
    """Why a device needs another package, and where it gets it."""
    named = f"{package.name} {package.version}, which declares {', '.join(package.declares)}"
    if package.is_carried:
        return f"{named}, is in it"
    return (
        f"{named}, is not in it, as it holds compiled modules: install.sh fetches it, or takes a wheel for "
        "the device that you put into wheels/"
    )


def _samples(spec: Pipeline, given: Path | None) -> Path | None:
    """What the device gets to answer.

    Raises:
        InputError: no such file, or a list of files that would stay behind.
    """
    if given is None:
        named = spec.input.samples
        given = None if named is None else spec.resolve(named)
    if given is not None and not given.exists():
        raise InputError(f"no samples at {given}: name an image, an array or a folder with --samples")
    if given is not None and given.suffix.lower() == ".csv":
        raise InputError(f"{given} lists files, which would stay behind: name a folder with --samples")
    return given
