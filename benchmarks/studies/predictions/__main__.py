"""Times of unmeasured windows, predicted and measured side by side, for networks profiled and not."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.studies.predictions.unmeasured import drawn, from_another, from_its_own, unmeasured_places
from benchmarks.studies.study import PIPELINES, Out, Report, Study, Table, run
from edgent.cli.profile import profile_samples
from edgent.latency.fitting import with_regressors
from edgent.latency.places import Node
from edgent.latency.prediction import FEATURES
from edgent.latency.profile import NodeProfile, read_profile
from edgent.latency.profiling import profile_node
from edgent.latency.validation import Prediction, calibrated
from edgent.network import Network
from edgent.show.error_table import ERROR_HEADS, error_cells
from edgent.spec import read_spec

_NODES: tuple[Node, ...] = ("edge", "device")
_SPECS = [PIPELINES / f"{name}.yaml" for name in ("lenet", "alexnet", "flowers")]


def main(
    specs: Annotated[list[Path] | None, typer.Argument(help="Pipelines; those that are shipped.")] = None,
    windows: Annotated[int, typer.Option(min=1, help="Windows of each network and node.")] = 100,
    budget_s: Annotated[float, typer.Option("--budget-s", min=0.1, help="Seconds for each of these.")] = 30.0,
    again: Annotated[bool, typer.Option("--again", help="Report what lies in the folder.")] = False,
    out: Out = None,
) -> None:
    """Profile each network as both nodes, with windows at random in the same rounds, and predict these."""
    study = Study("predictions", out)
    study.folder.mkdir(parents=True, exist_ok=True)
    networks = [Network.open(read_spec(spec)) for spec in specs or _SPECS]
    profiles: dict[tuple[str, Node], NodeProfile] = {}
    with study.bar("profiles") as tell:
        for number, network in enumerate(networks):
            for node in _NODES:
                tell(f"{network.spec.name} as {node}", number / len(networks))
                file = study.folder / f"{network.spec.name}-{node}.yaml"
                if not again:
                    _profile(network, node, windows, budget_s).write(file)
                profiles[network.spec.name, node] = read_profile(file, node, network.graph.sha256)
    report = Report(tables=[_table(networks, profiles)])
    study.write(report)
    study.show(report)


def _profile(network: Network, node: Node, windows: int, budget_s: float) -> NodeProfile:
    """A profile with some windows more than plans need."""
    more = drawn(unmeasured_places(network.graph, node), windows)
    profile = profile_node(network, node, profile_samples(network.spec), windows=more, budget_s=budget_s)
    return with_regressors(profile, network.graph)


def _table(networks: list[Network], profiles: dict[tuple[str, Node], NodeProfile]) -> Table:
    """A row for each network and node, predicted from its own profile and from each of the others."""
    rows = []
    for network in networks:
        for node in _NODES:
            profile = profiles[network.spec.name, node]
            found = {"its own profile": list(from_its_own(profile, network.graph))}
            for other in networks:
                if other is not network:
                    regressors = profiles[other.spec.name, node].regressors[FEATURES]
                    predictions = list(from_another(regressors, profile, network.graph))
                    found[f"regressors of {other.spec.name}"] = predictions
            rows += [_row(network, node, source, predictions) for source, predictions in found.items()]
    title = "Windows that were not measured, predicted"
    return Table(title, ("network", "node", "predicted from", *ERROR_HEADS), rows)


def _row(network: Network, node: Node, source: str, predictions: list[Prediction]) -> list[str]:
    if not predictions:
        return [network.spec.name, node, source, "0", *[""] * (len(ERROR_HEADS) - 1)]
    cells = error_cells(predictions, calibrated(predictions))
    return [network.spec.name, node, source, *cells]


if __name__ == "__main__":
    run(main)
