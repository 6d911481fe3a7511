"""The command ``edgent``: the offline stage. One file a command."""

import typer

from edgent.cli import (
    archive,
    bundle,
    capacity,
    compress,
    data,
    deploy,
    doctor,
    evaluate,
    exits,
    new,
    plan,
    profile,
    replay,
    report,
    schema,
    serve,
    show,
    tls,
    token,
    traces,
    train,
)
from edgent.cli import map as map_
from edgent.command_line import Version, run

application = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


@application.callback(
    epilog="""[bold]Examples[/]
[cyan]edgent new --example lenet[/] copies a pipeline that ships with edgent into pipelines/.
[cyan]edgent show pipelines/alexnet.yaml[/] prints the network layer by layer.
[cyan]edgent train pipelines/lenet.yaml[/] trains it and writes its accuracy into the spec.
[cyan]edgent profile pipelines/lenet.yaml --node device[/] times this machine as the device.
[cyan]edgent plan pipelines/lenet.yaml --bandwidth-kbps 500 --explain[/] says what is best on such a link.
[cyan]edgent archive pipelines/*.yaml[/] builds what TorchServe serves.
[cyan]edgent COMMAND --help[/] says more; every command takes -v, which logs what it does.

[bold]Exit codes[/]
0 done, 1 what was looked at is wrong, 2 a mistake in the command or in what it names, 130 Ctrl-C."""
)
def edgent(_version: Version = False) -> None:
    """Prepare pipelines for device and edge: train, measure, plan, and build archives.

    The command edgent-device then answers inputs.
    """


for command in (
    new,
    exits,
    show,
    train,
    compress,
    evaluate,
    profile,
    plan,
    archive,
    serve,
    bundle,
    deploy,
    data,
    schema,
    traces,
    map_,
    replay,
    report,
    capacity,
    tls,
    token,
    doctor,
):
    command.register(application)


def main() -> None:
    """Run the command."""
    run(application)
