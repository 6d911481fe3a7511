"""``edgent serve``: a TorchServe for as long as a command runs."""

import os
import subprocess
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edgent.command_line import add_command
from edgent.edge.manifest import read_store
from edgent.edge.torchserve import TorchServe


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        serve,
        "edgent serve edgent-device --pipeline pipelines/lenet.yaml",
        "edgent serve --store archives/demo edgent doctor pipelines/lenet.yaml",
        allow_interspersed_args=False,  # options after the command are the command's
    )


def serve(
    command: Annotated[
        list[str], typer.Argument(metavar="COMMAND", help="Command to run while TorchServe is up.")
    ],
    store: Annotated[
        Path, typer.Option(help="Folder of archives that `edgent archive` built.", metavar="FOLDER")
    ] = Path("archives"),
) -> None:
    """Start a TorchServe on free ports, run a command beside it, and stop it again.

    The command finds the server through the environment variables EDGENT_INFERENCE_URL, EDGENT_GRPC_URL,
    EDGENT_MANAGEMENT_URL and EDGENT_TOKEN_FILE, which edgent-device and edgent doctor read. Its exit code is
    that of the command.
    """
    models = read_store(store)
    console = Console(stderr=True)
    with console.status("starting TorchServe (some seconds for each worker)"):
        server = TorchServe(store, models)
    with server:
        console.print(f"TorchServe is up at {server.addresses.inference}", highlight=False)
        environment = {name: value for name, value in os.environ.items() if name != "EDGENT_TOKEN"} | {
            "EDGENT_INFERENCE_URL": server.addresses.inference,
            "EDGENT_GRPC_URL": server.addresses.grpc_inference,
            "EDGENT_MANAGEMENT_URL": server.addresses.management,
            "EDGENT_TOKEN_FILE": str(server.token_file),
        }
        try:
            code = subprocess.run(command, env=environment, check=False).returncode  # noqa: S603  the user's own
        except OSError as error:
            raise typer.BadParameter(f"cannot run {command[0]}: {error.strerror}") from None
    raise typer.Exit(code)
