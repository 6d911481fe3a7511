"""Every exit and every partition point through the handlers' own code: answers are the unsplit network's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.testbed.judge import Judge
from device_runtime.runtime import DeviceRuntime
from edgent.edge.store import build_store, plan_archives
from edgent.network import Network
from edgent.spec import read_spec
from tests.cuts import check_plan, device_only, every_plan, noise, plans_of
from tests.in_process_edge import InProcessEdge
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from collections.abc import Callable

PIPELINES = Path(__file__).parents[2] / "pipelines"


def _check_every_cut(spec_file: Path, folder: Path) -> None:
    network = Network.open(read_spec(spec_file), folder / "cache")
    build_store(folder / "store", plan_archives([network]))
    images = noise(network)
    expected = Judge(network, images).logits
    plans = [plan for head in network.graph.heads() for plan in plans_of(network, head)]
    plans += device_only(network)
    assert set(plans) == every_plan(network)
    with (
        InProcessEdge(folder / "store", folder / "unpacked") as edge,
        DeviceRuntime.open(
            spec_file,
            plan=plans[-1],
            inference_url=edge.url,
            token_file=edge.token_file,
            cache=folder / "cache",
        ) as runtime,
    ):
        for plan in plans:
            check_plan(runtime, plan, images, expected[plan.exit])


@pytest.mark.parametrize("name", ["lenet", "alexnet"])
def test_every_cut_of_the_shipped_pipelines(name: str, tmp_path: Path) -> None:
    """Every (exit, partition point) answers like the unsplit network, each exit of a shared head included."""
    _check_every_cut(PIPELINES / f"{name}.yaml", tmp_path)


def test_every_cut_of_a_network_that_is_not_ours(
    exported_network: Callable[[Path], Path], tmp_path: Path
) -> None:
    """A residual network that torch exports in this test: spec, archives and device take it."""
    model = exported_network(tmp_path / "exported.onnx")
    spec_file = write_tiny_spec(tmp_path / "foreign", model, "foreign", (3, 12, 12))
    network = Network.open(read_spec(spec_file), tmp_path / "cache")
    # conv, relu, a block up to its sum, relu, mean, classifier; no cut falls inside a block.
    assert [len(path.layers) for path in network.graph.paths] == [6, 8]
    _check_every_cut(spec_file, tmp_path)
