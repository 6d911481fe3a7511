"""``edgent tls``: a certificate authority of your own, and a server certificate that it signs."""

from datetime import datetime, timezone
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer
from rich.console import Console

from edgent.command_line import add_command
from edgent.host import authority


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(application, tls, "edgent tls tls --host edge.local --host 192.168.1.20")


def tls(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder that gets ca.pem, server.pem and server.key.")
    ],
    host: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Name or IP address of the server; may be given several times."),
    ] = None,
    days: Annotated[int, typer.Option(metavar="DAYS", help="Days that the certificates are valid.")] = 365,
) -> None:
    """Make certificates for a TorchServe that devices on other machines reach.

    The certificate is also valid for localhost and 127.0.0.1. What to do with the files is printed.
    """
    from edgent.edge.certificates import write_certificates

    hosts = list(dict.fromkeys([*(host or []), "localhost", "127.0.0.1"]))
    files = write_certificates(folder, hosts, days, datetime.now(timezone.utc))
    pair = f"--certificate {quote(str(files.certificate))} --private-key {quote(str(files.private_key))}"
    console, url = Console(), f"https://{authority(hosts[0], 8443)}"
    console.print(
        f"{files.certificate} is valid for {', '.join(hosts)}, {days} days\n\n"
        f"edge:    edgent archive SPEC --inference-address https://0.0.0.0:8443 \\\n"
        f"           {pair}\n"
        f"device:  copy {files.authority} there, and in the spec\n"
        f"           edge: {{inference_url: '{url}', ca_file: {files.authority.name}}}\n"
        f"check:   edgent doctor SPEC",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )
