"""``edgent deploy``: what runs a pipeline past one machine, written into a folder."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from edgent.cli.spec_file import SpecFileOrName
from edgent.command_line import add_command
from edgent.errors import ArchiveError
from edgent.network import Network
from edgent.spec import read_spec

Target = Literal["compose", "kubernetes", "systemd"]


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        deploy,
        "edgent deploy compose lenet --out deploy --edges 2",
        "edgent deploy kubernetes pipelines/lenet.yaml --out deploy --image registry.local/edge:1",
        "edgent deploy systemd lenet --out deploy",
    )


TargetArgument = Annotated[
    Target,
    typer.Argument(
        help="compose: a proxy and edges in containers of one machine; kubernetes: manifests of a cluster; "
        "systemd: units without containers.",
        show_default=False,
    ),
]
OutOption = Annotated[Path, typer.Option(metavar="FOLDER", help="Folder that gets everything.")]
EdgesOption = Annotated[
    int | None, typer.Option(min=1, max=64, help="Edges behind the proxy; compose only, 1 by default.")
]
ImageOption = Annotated[
    str,
    typer.Option(metavar="NAME:TAG", help="The edge's image; named after pipeline and version by default."),
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
    edges: EdgesOption = None,
    image: ImageOption = "",
    replace_others: ReplaceOption = False,
) -> None:
    """Write what runs a pipeline on an edge server, on several, or in a cluster.

    That is archives, images' Dockerfiles, a proxy's configuration, manifests or units; nothing is started. A
    second run renews everything but the secrets, and keeps the archives of another version of the network, so
    that devices can be given the new one after the other.
    """
    from edgent.deploy.folder import Deployment

    if edges is not None and target != "compose":
        raise typer.BadParameter("--edges is for compose alone: in a cluster the autoscaler counts pods")
    if image and (":" not in image.rpartition("/")[2] or target == "systemd"):
        raise typer.BadParameter(f"--image {image}: write NAME:TAG, for compose or kubernetes")
    network = Network.open(read_spec(spec))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(f"cannot write {out}: {error.strerror}") from None
    deployment = Deployment(network, out, image, replace_others)
    console = Console()
    with console.status("building archives"):
        if target == "compose":
            served = deployment.write_compose(edges or 1)
        elif target == "kubernetes":
            served = deployment.write_kubernetes()
        else:
            served = deployment.write_systemd()
    size_bytes = sum(model.mar.size_bytes for model in served.models)
    said = [f"{served.name} {served.version} for {target} in {out}/, archives of {size_bytes / 1e6:.1f} MB"]
    for line in [*said, *_what_next(target, out, deployment.image_of(served))]:
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def _what_next(target: Target, out: Path, image: str) -> list[str]:
    """The commands that run it."""
    certificate = f"edgent tls {out}/secrets --host NAME  # by which devices reach it"
    if target == "systemd":
        return ["what to copy where, on the edge and on a device: docs/deploying.md"]
    lines = [f"pip wheel --no-deps --wheel-dir {out}/wheels CHECKOUT  # edgent's own", certificate]
    if target == "compose":
        return [*lines, f"docker compose --project-directory {out} up --build --detach"]
    build = f"docker build --file {out}/Dockerfile.edge --tag {image} {out}"
    return [*lines, build, f"docker push {image}", f"kubectl apply --kustomize {out}"]
