"""``edgent doctor``: says what is wrong with a running server, and what to do."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edgent.cli.spec_file import SpecFileOrName
from edgent.command_line import add_command
from edgent.edge.configuration import Behind
from edgent.fitted_table import print_fitted, table_console
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.doctor.finding import Finding

_STYLES = {"ok": "green", "warning": "yellow", "wrong": "bold red"}


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        doctor,
        "edgent doctor pipelines/lenet.yaml",
        "edgent doctor pipelines/lenet.yaml --url https://edge.local:8443 --token-file key_file.json",
    )


UrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL", envvar="EDGENT_INFERENCE_URL", help="Inference address; by default the spec's."
    ),
]
GrpcUrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="EDGENT_GRPC_URL",
        help="gRPC address; by default the spec's, or none if --url is given.",
    ),
]
TokenFileOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="EDGENT_TOKEN_FILE",
        help="TorchServe's key_file.json; by default the spec's.",
    ),
]
ManagementUrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="EDGENT_MANAGEMENT_URL",
        help="Management address; by default port 8081, if the server is on this machine.",
    ),
]
StoreOption = Annotated[
    Path,
    typer.Option(
        metavar="FOLDER", help="Folder of the archives, whose manifest lists the heads with a worker."
    ),
]
SharedOption = Annotated[
    bool,
    typer.Option(
        "--shared", help="The server serves other models, too, so its management key may register some."
    ),
]
BehindOption = Annotated[
    Behind | None,
    typer.Option(
        help="What stands before the server, so that it may leave loopback without TLS; a proxy may also "
        "be the one that asks for tokens.",
    ),
]
AsJsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def doctor(
    spec: SpecFileOrName,
    url: UrlOption = None,
    grpc_url: GrpcUrlOption = None,
    token_file: TokenFileOption = None,
    management_url: ManagementUrlOption = None,
    store: StoreOption = Path("archives"),
    shared: SharedOption = False,
    behind: BehindOption = None,
    as_json: AsJsonOption = False,
) -> None:
    """Check a running server: who gets in, what it serves, and from where it is reached.

    Nothing is changed on the server. The exit code is 1 when something is wrong.
    """
    from edgent.doctor.checks import diagnose
    from edgent.doctor.observe import observe

    network = Network.open(read_spec(spec))
    edge = network.spec.edge
    if token_file is None and edge.token_file:
        token_file = network.spec.resolve(edge.token_file)
    address = url or edge.inference_url
    with Console(stderr=True).status(f"looking at {address}"):
        seen = observe(
            network,
            address,
            grpc_url=grpc_url or (None if url else edge.grpc_url),
            token_file=token_file,
            management_url=management_url,
            store=store,
            shared=shared,
            behind=behind,
        )
    findings = diagnose(seen)
    good = all(finding.state != "wrong" for finding in findings)
    if as_json:
        typer.echo(
            json.dumps({"good": good, "findings": [asdict(finding) for finding in findings]}, indent=2)
        )
    else:
        print_fitted(_table(findings), table_console())
    raise typer.Exit(0 if good else 1)


def _table(findings: "Sequence[Finding]") -> Table:
    """A row for each check: its state, what was found, and below that what to do."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("check", ""):
        table.add_column(heading, no_wrap=True)
    table.add_column("finding, and what to do", overflow="fold")  # a command must be there whole
    for finding in findings:
        state = Text(finding.state, _STYLES[finding.state])
        remedy = f"\n→ {finding.remedy}" if finding.remedy else ""
        table.add_row(finding.check, state, Text(f"{finding.finding}{remedy}"))
    return table
