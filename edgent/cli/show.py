"""``edgent show``: the network as a table."""

import json
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from edgent.accuracy.measures.sentence import measure_lines
from edgent.cli.json_option import AsJsonOption
from edgent.cli.spec_file import SpecFileOrName
from edgent.command_line import add_command
from edgent.errors import SpecError, StaleFileError
from edgent.fitted_table import print_fitted, table_console
from edgent.latency.loading import KnownAccuracies, known_accuracies
from edgent.latency.unusable_cuts import unusable_cuts
from edgent.network import Network
from edgent.show.edge_lines import edge_lines
from edgent.show.feature_table import feature_table
from edgent.show.network_json import network_json
from edgent.show.network_table import layer_table, lost_cut_lines
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgent.graph.feature_codec import FeatureCodec


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(
        application,
        show,
        "edgent show pipelines/alexnet.yaml",
        "edgent show lenet --json",
    )


def show(spec: SpecFileOrName, as_json: AsJsonOption = False) -> None:
    """Print the network layer by layer: shapes, bytes at each partition point, and where each exit leaves.

    Layers inside which the network cannot be cut are named with the reason.
    """
    aside = Console(stderr=True)
    with aside.status("reading the network"):
        network = Network.open(read_spec(spec))
    features: Mapping[str, FeatureCodec] = {}
    known = KnownAccuracies({})
    try:
        features = network.feature_codecs
        known = known_accuracies(network)
    except (StaleFileError, SpecError) as error:
        aside.print(str(error), style="yellow", highlight=False, soft_wrap=True, markup=False)
    if as_json:
        typer.echo(json.dumps(network_json(network, features.values(), known.measure), indent=2))
    else:
        _print(network, features, known)


def _print(network: Network, features: "Mapping[str, FeatureCodec]", known: KnownAccuracies) -> None:
    """The tables, and in words what they cannot say."""
    console, measure = table_console(), known.measure
    print_fitted(layer_table(network.graph), console, ("parameters", "kind", "output", "MACs"))
    for line in (*lost_cut_lines(network.graph), *unusable_cuts(network.graph)):
        console.print(line, highlight=False, markup=False)
    for line in edge_lines(network.spec):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    for exit_ in network.spec.exits:
        score = "not measured" if exit_.accuracy is None else f"{exit_.accuracy:.4f}"
        console.print(f"{exit_.name}: {measure} {score}", highlight=False)
    if features:
        stated = {exit_.name: exit_.accuracy for exit_ in network.spec.exits if exit_.accuracy is not None}
        print_fitted(feature_table(network, stated, known.lost, measure), console, ("million MACs", "code"))
    for line in measure_lines(measure):
        console.print(line, highlight=False, soft_wrap=True)
