"""``edgent tls``: a certificate authority of one's own and a server certificate."""

from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(tls)


def tls(
    folder: Annotated[Path, typer.Argument(help="Where to write ca.pem, server.pem and server.key.")],
    host: Annotated[
        list[str] | None,
        typer.Option(help="Name or IP address by which devices reach the server; may be repeated."),
    ] = None,
    days: Annotated[int, typer.Option(help="How long the certificates are valid.")] = 365,
) -> None:
    """Make certificates for a TorchServe that devices on other machines reach.

    The certificate is always good for localhost and 127.0.0.1, too.
    """
    from edgent.edge.certificates import write_certificates

    hosts = list(dict.fromkeys([*(host or []), "localhost", "127.0.0.1"]))
    files = write_certificates(folder, hosts, days, datetime.now(timezone.utc))
    console = Console()
    console.print(
        f"{files.certificate} is valid for {', '.join(hosts)}, {days} days\n\n"
        f"edge:    edgent archive SPEC --inference-address https://0.0.0.0:8443 \\\n"
        f"           --certificate {files.certificate} --private-key {files.private_key}\n"
        f"device:  copy {files.authority} there, and in the spec\n"
        f"           edge: {{inference_url: https://{hosts[0]}:8443, ca_file: {files.authority.name}}}\n"
        f"check:   edgent doctor SPEC",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )
