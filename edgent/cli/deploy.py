"""``edgent deploy``: what runs a pipeline past one machine, written into a folder."""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from edgent.cli.spec_file import SpecFileOrName
from edgent.command_line import add_command
from edgent.deploy.compose import MOST_EDGES
from edgent.deploy.deployed import MOST_WORKERS
from edgent.deploy.owned_folder import RECORD, Target, recorded_options
from edgent.errors import ArchiveError
from edgent.network import Network
from edgent.reasons import shortened
from edgent.shipped import spec_word
from edgent.spec import read_spec

if TYPE_CHECKING:
    from edgent.deploy.image_name import ImageName
    from edgent.spec import Pipeline


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        deploy,
        "edgent deploy compose lenet --out deploy --edges 2 --workers 4 --host edge.local",
        "edgent deploy kubernetes pipelines/lenet.yaml --out deploy --image registry.local:5000/edge",
        "edgent deploy systemd lenet --out deploy --host 192.168.1.7",
    )


TargetArgument = Annotated[
    Target,
    typer.Argument(
        help="compose: a proxy and edges in containers of one machine; kubernetes: manifests of a cluster; "
        "systemd: units without containers.",
        show_default=False,
    ),
]
OutOption = Annotated[
    Path,
    typer.Option(metavar="FOLDER", help="Folder that gets everything: a new one, or one of an earlier run."),
]
HostOption = Annotated[
    str | None,
    typer.Option(
        metavar="HOST",
        help="Name or address by which devices reach the edge: of the machine with compose, of the service's "
        "load balancer with kubernetes, of the edge's machine with systemd. Without one devices go by the "
        "addresses of the spec, and a unit by localhost where these are on loopback; by default that of an "
        "earlier run.",
        show_default=False,
    ),
]
EdgesOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=MOST_EDGES,
        metavar="COUNT",
        help="Edges behind the proxy; compose only, by default as before, 1 at first.",
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=MOST_WORKERS,
        metavar="COUNT",
        help="Workers of each edge, which share the queue of the pipeline's archive; by default as before, 1 "
        "at first. `edgent capacity` says how many it takes.",
    ),
]
ImageOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME[:TAG]",
        help="The edge's image, with its registry; by default that of an earlier run, or named after the "
        "pipeline. Without a tag it gets one that changes whenever something changes that edgent puts into "
        "the image. For kubernetes NAME@sha256:DIGEST will do, too.",
        show_default=False,
    ),
]
ReplaceOption = Annotated[
    bool,
    typer.Option(
        "--replace", help="Remove the archives of other versions of this network, which stay otherwise."
    ),
]


def deploy(
    target: TargetArgument,
    spec: SpecFileOrName,
    out: OutOption = Path("deploy"),
    host: HostOption = None,
    edges: EdgesOption = None,
    workers: WorkersOption = None,
    image: ImageOption = None,
    replace_others: ReplaceOption = False,
) -> None:
    """Write what runs a pipeline on an edge server, on several, or in a cluster.

    That is archives, images' Dockerfiles, a proxy's configuration, manifests or units, and a README that says
    what to do with them; nothing is started. A second run into the same folder, for the same target and
    pipeline, renews what the first one wrote and nothing else: no secret, and no file that you changed or
    added. Options that it is not given stay as they were; --host "" and --image "" take these back. It keeps
    the archives of another version of the network, so that devices can be given the new one after the other.
    """
    from edgent.deploy.folder import Deployment
    from edgent.deploy.steps import steps
    from edgent.host import check_host

    if edges is not None and target != "compose":
        raise typer.BadParameter("--edges is for compose alone: in a cluster the autoscaler counts pods")
    given = {"host": host, "image": image, "edges": _said(edges), "workers": _said(workers)}
    before = recorded_options(out, target)
    kept = {name: value for name, value in before.items() if given.get(name) is None}
    chosen = {name: value for name, value in given.items() if value} | kept
    if "host" in chosen:
        check_host(chosen["host"])
    named = _image(chosen.get("image", ""), target)
    network = Network.open(read_spec(spec))
    its_workers = _count(chosen, "workers", MOST_WORKERS)
    deployment = Deployment(network, out, named, chosen.get("host", ""), its_workers, replace_others)
    with Console(stderr=True).status("building archives"):
        if target == "compose":
            deployed = deployment.write_compose(_count(chosen, "edges", MOST_EDGES))
        elif target == "kubernetes":
            deployed = deployment.write_kubernetes()
        else:
            deployed = deployment.write_systemd()
    _say_what_to_know(target, kept)
    _say_what_devices_lack(target, network.spec)
    size_bytes = sum(model.mar.size_bytes for model in deployed.served.models)
    is_renamed = before.get("host") != chosen.get("host")  # a certificate that is there is for another host
    ahead = [step for step in steps(deployed, out, spec_word(spec)) if is_renamed or not step.is_done(out)]
    said = [
        f"{deployed.title} for {target} in {out}/, archives of {size_bytes / 1e6:.1f} MB",
        f"{out / 'README.md'} says what you add, and where what goes{'; what comes next:' if ahead else ''}",
        *(step.command for step in ahead),
    ]
    for line in said:
        Console().print(line, highlight=False, soft_wrap=True, markup=False)


def _said(number: int | None) -> str | None:
    """An option's number as it is recorded; None where it was not given."""
    return None if number is None else str(number)


def _count(chosen: dict[str, str], name: str, most: int) -> int:
    """A number that an option or the run before gave; 1 where neither did.

    Raises:
        ArchiveError: the record of the run before holds no such number.
    """
    text = chosen.get(name, "1")
    fits = text.isdecimal() and len(text) <= len(str(most))  # or Python refuses to read thousands of digits
    if not fits or not 1 <= int(text) <= most:
        raise ArchiveError(f"{RECORD} says {name} {shortened(text)!r}, not 1 to {most}: give --{name}")
    return int(text)


def _say_what_to_know(target: Target, kept: dict[str, str]) -> None:
    """What an earlier run was given and this one was not; and that a proxy would run as root."""
    console = Console(stderr=True)
    if kept:
        options = " ".join(f"--{name} {shlex.quote(value)}" for name, value in kept.items())
        console.print(
            f"as in the run before: {options}; give another value to change that",
            highlight=False,
            soft_wrap=True,
            markup=False,
        )
    if target == "compose" and os.getuid() == 0:
        console.print(
            "the proxy will run as root, for only the secrets' owner may read them, and you are root: run "
            "this as another user, who then owns them",
            style="yellow",
            highlight=False,
            soft_wrap=True,
        )


def _say_what_devices_lack(target: Target, spec: "Pipeline") -> None:
    """Which packages beside edgent the spec needs on a device, where nothing that is written brings them."""
    from edgent.bundle.other_packages import other_packages

    remedy = "into /opt/edgent" if target == "systemd" else "in an image of your own, FROM the device's"
    for package in other_packages(spec):
        Console(stderr=True).print(
            f"devices need {package.name} {package.version}, too, which declares "
            f"{', '.join(package.declares)}: install it {remedy}",
            style="yellow",
            highlight=False,
            soft_wrap=True,
            markup=False,
        )


def _image(text: str, target: Target) -> "ImageName | None":
    """The image that is named, where the target can use it."""
    from edgent.deploy.image_name import ImageName

    if not text:
        return None
    if target == "systemd":
        raise typer.BadParameter("--image is for compose or kubernetes: units run without images")
    image = ImageName.parse(text)
    if target == "compose" and image.digest:
        raise typer.BadParameter(
            f"--image {text}: compose builds the image, so write NAME:TAG without a digest"
        )
    return image
