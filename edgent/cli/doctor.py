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

from edgent.cli.json_option import AsJsonOption
from edgent.cli.spec_file import SpecFileOrName
from edgent.command_line import add_command
from edgent.edge.configuration import Behind
from edgent.edge_options import (
    CaFileOption,
    GrpcUrlOption,
    ManagementUrlOption,
    TokenFileOption,
    UrlOption,
)
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
        "edgent doctor lenet --url https://edge.local:8443 --token-file token --ca-file ca.pem",
        "edgent doctor lenet --url https://edge.local:8443 --behind proxy --token-file deploy/secrets/tokens",
    )


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
        help="What stands before the server. With its own http address: it may leave loopback without TLS, "
        "and a proxy may be the one that asks for tokens. With a proxy's https address: TLS and tokens are "
        "the proxy's.",
    ),
]


def doctor(
    spec: SpecFileOrName,
    url: UrlOption = None,
    grpc_url: GrpcUrlOption = None,
    token_file: TokenFileOption = None,
    ca_file: CaFileOption = None,
    management_url: ManagementUrlOption = None,
    store: StoreOption = Path("archives"),
    shared: SharedOption = False,
    behind: BehindOption = None,
    as_json: AsJsonOption = False,
) -> None:
    """Check the server of each edge: who gets in, what it serves, and from where it is reached.

    Nothing is changed on the server. The exit code is 1 when something is wrong.
    """
    from edgent.doctor.checks import diagnose
    from edgent.doctor.observe import observe

    network = Network.open(read_spec(spec))
    is_given = url is not None or grpc_url is not None
    found: list[tuple[str, Finding]] = []
    for of_edge in network.by_edge()[:1] if is_given else network.by_edge():
        edge = of_edge.spec.edge
        address = url or edge.inference_url
        with Console(stderr=True).status(f"looking at {address}"):
            seen = observe(
                of_edge,
                address,
                grpc_url=grpc_url or (None if url else edge.grpc_url),
                token_file=token_file or (of_edge.spec.resolve(edge.token_file) if edge.token_file else None),
                ca_file=ca_file,
                management_url=management_url,
                store=store,
                shared=shared,
                behind=behind,
            )
        findings = diagnose(seen)
        found += [(url or edge.known_as, finding) for finding in findings]
        if not as_json:
            _print(findings, None if len(network.spec.edges) == 1 or is_given else edge.known_as)
    good = all(finding.state != "wrong" for _, finding in found)
    if as_json:
        listed = [{"edge": name, **asdict(finding)} for name, finding in found]
        typer.echo(json.dumps({"good": good, "findings": listed}, indent=2))
    raise typer.Exit(0 if good else 1)


def _print(findings: "Sequence[Finding]", edge: str | None) -> None:
    """The findings as a table, under the name of the edge where there are several."""
    console = table_console()
    if edge is not None:
        console.print(f"edge {edge}", highlight=False, markup=False)
    print_fitted(_table(findings), console)


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
