"""The command ``edgent``: the offline stage. One file a command."""

import sys

import typer
from rich.console import Console
from rich.text import Text

from edgent.cli import (
    archive,
    data,
    doctor,
    evaluate,
    plan,
    profile,
    replay,
    schema,
    serve,
    show,
    tls,
    traces,
    train,
)
from edgent.cli import map as map_
from edgent.errors import EdgentError

_EXAMPLES = """
[bold]Examples[/]

[cyan]edgent show pipelines/alexnet.yaml[/] prints the network, layer by layer

[cyan]edgent train pipelines/lenet.yaml[/] trains it and writes the accuracy into the spec

[cyan]edgent profile pipelines/lenet.yaml --node device[/] times this machine as the device

[cyan]edgent plan pipelines/lenet.yaml --bandwidth-kbps 500 --explain[/] says what is best on such a link

[cyan]edgent archive pipelines/*.yaml[/] builds what TorchServe serves

[cyan]edgent serve edgent-device --pipeline pipelines/lenet.yaml[/] runs a command beside a TorchServe
"""

application = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    epilog=_EXAMPLES,
    help="The offline stage of edgent: train, profile, plan, archive.",
)
for command in (
    show,
    train,
    evaluate,
    profile,
    plan,
    archive,
    serve,
    data,
    schema,
    traces,
    map_,
    replay,
    tls,
    doctor,
):
    command.register(application)


def main() -> None:
    """Run the command; a mistake of the user's is a sentence, not a traceback."""
    try:
        application()
    except EdgentError as error:
        Console(stderr=True).print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)
        sys.exit(2)
