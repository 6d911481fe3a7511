"""``edgent show``: the network as a table."""

import typer
from rich.console import Console

from edgent.cli.spec_file import SpecFileOrName
from edgent.command_line import add_command
from edgent.network import Network
from edgent.show.network_table import layer_table, lost_cut_lines
from edgent.spec import read_spec


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(application, show, "edgent show pipelines/alexnet.yaml")


def show(spec: SpecFileOrName) -> None:
    """Print the network layer by layer: shapes, bytes at each partition point, and where each exit leaves.

    Layers inside which the network cannot be cut are named with the reason.
    """
    network = Network.open(read_spec(spec))
    console = Console()
    console = Console(width=max(console.width, 100))
    console.print(layer_table(network.graph))
    for line in lost_cut_lines(network.graph):
        console.print(line, highlight=False, markup=False)
    for exit_ in network.spec.exits:
        accuracy = "not measured" if exit_.accuracy is None else f"{exit_.accuracy:.4f}"
        console.print(f"{exit_.name}: accuracy {accuracy}", highlight=False)
