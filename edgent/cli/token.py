"""``edgent token``: a new token of a TorchServe, for the devices or for operators."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edgent.cli.spec_file import SpecFileOrName
from edgent.command_line import add_command
from edgent.edge.configuration import Addresses
from edgent.edge.token_renewal import TokenKind, check_token_file, renew_token, write_token
from edgent.edge_options import CaFileOption, ManagementUrlOption
from edgent.errors import TorchServeError
from edgent.spec import read_spec


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        token,
        "edgent token lenet --out token",
        "edgent token pipelines/lenet.yaml --key-file /var/lib/edgent/key_file.json --print",
    )


KeyFileOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="EDGENT_TOKEN_FILE",
        help="TorchServe's key_file.json, with its API key; by default the spec's edge.token_file.",
    ),
]
KindOption = Annotated[
    TokenKind, typer.Option("--type", help="inference: what devices need; management: what operators need.")
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Write the token alone into this file, which its owner alone may read."
    ),
]
PrintOption = Annotated[bool, typer.Option("--print", help="Print the token, and nothing else.")]


def token(
    spec: SpecFileOrName,
    key_file: KeyFileOption = None,
    management_url: ManagementUrlOption = None,
    ca_file: CaFileOption = None,
    kind: KindOption = "inference",
    out: OutOption = None,
    print_it: PrintOption = False,
) -> None:
    """Renew a token of a TorchServe, on its own machine, and hand it out.

    The token before is refused from then on; a device reads its token file again when that happens. How long
    a token lasts says token_expiration_min in config.properties, or edgent serve --token-minutes. Behind a
    proxy of edgent deploy tokens are lines of secrets/tokens, and need no renewal.
    """
    pipeline = read_spec(spec)
    if key_file is None and pipeline.edge.token_file:
        key_file = pipeline.resolve(pipeline.edge.token_file)
    if key_file is None:
        raise TorchServeError(f"{pipeline.file} names no edge.token_file: name key_file.json with --key-file")
    address = management_url or pipeline.edge.management_url or Addresses.management
    if out is not None:
        check_token_file(out, key_file)
    if ca_file is None and pipeline.edge.ca_file:
        ca_file = pipeline.resolve(pipeline.edge.ca_file)
    renewed = renew_token(address, key_file, kind, ca_file)
    if out is not None:
        write_token(renewed, out)
    if print_it:
        typer.echo(renewed.key)
        return
    until = f", good until {renewed.expires:%Y-%m-%d %H:%M} UTC" if renewed.expires else ""
    Console().print(f"a new {kind} token is in {out or key_file}{until}", highlight=False, soft_wrap=True)
