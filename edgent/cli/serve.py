"""``edgent serve``: a TorchServe for as long as a command runs."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edgent.bearer_token import VARIABLE
from edgent.command_line import add_command
from edgent.edge.manifest import check_archives, read_store
from edgent.edge.torchserve import TorchServe
from edgent.shipped import spec_path

_KILLED = 128
"""What shells add to the number of the signal that ended a command."""


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
    token_minutes: Annotated[
        int,
        typer.Option(min=1, max=525_600, metavar="MINUTES", help="Minutes that TorchServe takes its tokens."),
    ] = 1440,
) -> None:
    """Start a TorchServe on free ports, run a command beside it, and stop it again.

    The command finds the server through the environment variables EDGENT_INFERENCE_URL, EDGENT_GRPC_URL,
    EDGENT_MANAGEMENT_URL and EDGENT_TOKEN_FILE, which edgent-device and edgent doctor read. Its exit code is
    that of the command. Ctrl-C is the command's; the server stops when it has ended.
    """
    _check_command(command[0])
    models = read_store(store)
    check_archives(models)
    end_by_signals()
    console = Console(stderr=True)
    with console.status("starting TorchServe (some seconds for each worker)"):
        server = TorchServe(store, models, settings={"token_expiration_min": str(token_minutes)})
    with server:
        console.print(f"TorchServe is up at {server.addresses.inference}", highlight=False)
        environment = {name: value for name, value in os.environ.items() if name != VARIABLE} | {
            "EDGENT_INFERENCE_URL": server.addresses.inference,
            "EDGENT_GRPC_URL": server.addresses.grpc_inference,
            "EDGENT_MANAGEMENT_URL": server.addresses.management,
            "EDGENT_TOKEN_FILE": str(server.token_file),
        }
        try:
            code = _run(command, environment)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # stopping takes seconds and leaves nothing behind
    raise typer.Exit(code)


def _check_command(program: str) -> None:
    """Refuse a command that is not there before a server is started for it."""
    if shutil.which(program) is not None:
        return
    spec = spec_path(Path(program))
    if spec.is_file():
        raise typer.BadParameter(
            f"{program} is no command that can be run: write what to run beside the server, such as "
            f"edgent-device --pipeline {program}"
        )
    raise typer.BadParameter(f"there is no command {program}: write it as a shell would find it")


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run a command to its end, and say its exit code as shells do: 130 where Ctrl-C ended it.

    Ctrl-C in a terminal reaches the command as well, which ends when it has tidied up, or goes on.
    """
    try:
        process = subprocess.Popen(command, env=environment)  # noqa: S603  the user's own
    except OSError as error:
        raise typer.BadParameter(f"cannot run {command[0]}: {error.strerror}") from None
    try:
        while process.poll() is None:
            with contextlib.suppress(KeyboardInterrupt):
                process.wait()
    finally:
        process.terminate()
        process.wait()
    return process.returncode if process.returncode >= 0 else _KILLED - process.returncode


def end_by_signals() -> None:
    """Let the server go, too, when this command is terminated, or its terminal closed, but by ``nohup``."""
    signal.signal(signal.SIGTERM, _end)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _end)


def _end(number: int, _: object) -> None:
    for another in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(another, signal.SIG_IGN)  # a terminal that is closed says so twice
    sys.exit(_KILLED + number)
