"""Cuts through a real TorchServe: the answer is the unsplit network's.

Six cuts are in `make test`, all of them over both interfaces in `make test-all`; test_cuts_in_process.py has
all of them without TorchServe.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.testbed.judge import Judge
from device_runtime.runtime import DeviceRuntime
from edgent.datasets.cifar10 import CIFAR10_FOLDER
from edgent.datasets.registry import DATASETS
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec
from tests.cuts import PATIENT_S, check_plan, every_plan, noise, plans_of
from tests.torchserve_fixtures import Edge, serving, write_tiny_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PIPELINES = Path(__file__).parents[2] / "pipelines"
HEADS_AT_ONCE = 6  # a worker costs 160 MB
# In the trunk, in a branch, and all of the network: of each pipeline.
SIX = {"lenet": ["exit2:p3", "exit1:p7", "exit2:p12"], "alexnet": ["exit5:p4", "exit2:p9", "exit5:p20"]}

pytestmark = [pytest.mark.torchserve, pytest.mark.timeout(1200)]


def _check_plans(edge: Edge, network: Network, plans: Sequence[Plan], cache: Path, url: str) -> None:
    images = noise(network)
    expected = Judge(network, images).logits
    with DeviceRuntime.open(
        network.spec.file, plan=plans[0], inference_url=url, token_file=edge.server.token_file, cache=cache
    ) as runtime:
        for plan in plans:
            check_plan(runtime, plan, images, expected[plan.exit])


def _check_every_cut(edge: Edge, network: Network, cache: Path, url: str) -> None:
    heads = network.graph.heads()
    checked: list[Plan] = []
    for start in range(0, len(heads), HEADS_AT_ONCE):
        group = heads[start : start + HEADS_AT_ONCE]
        plans = [plan for head in group for plan in plans_of(network, head)]
        with edge.workers([head.name(network.spec.name) for head in group]):
            _check_plans(edge, network, plans, cache, url)
        checked += plans
    assert set(checked) == {plan for plan in every_plan(network) if plan.remote}


def _head_of(network: Network, plan: Plan) -> str:
    exit_index = network.graph.path_of(plan.exit).index
    return network.graph.head_name(network.spec.name, exit_index, plan.stop)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of its own: nothing from an earlier run helps."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def shipped(cache: Path) -> dict[str, Network]:
    """The shipped pipelines by name."""
    return {name: Network.open(read_spec(PIPELINES / f"{name}.yaml"), cache) for name in SIX}


@pytest.fixture(scope="module")
def edge(shipped: dict[str, Network], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """A TorchServe with all heads of the shipped pipelines."""
    with serving(list(shipped.values()), tmp_path_factory.mktemp("store")) as edge:
        yield edge


def test_six_cuts(shipped: dict[str, Network], edge: Edge, cache: Path) -> None:
    """Three of each pipeline, by either interface of TorchServe, which has them side by side."""
    addresses = edge.server.addresses
    plans = {name: [Plan.parse(text) for text in texts] for name, texts in SIX.items()}
    heads = {_head_of(shipped[name], plan) for name, some in plans.items() for plan in some}
    assert len(heads) == 6
    with edge.workers(sorted(heads)):
        for name, network in shipped.items():
            for url in (addresses.inference, addresses.grpc_inference):
                _check_plans(edge, network, plans[name], cache, url)


def test_a_shared_head_is_served_once(shipped: dict[str, Network], edge: Edge) -> None:
    """TorchServe lists each head once, however many exits use it; beside them the pipelines and the probe."""
    wanted = [head.name(name) for name, network in shipped.items() for head in network.graph.heads()]
    assert sorted(edge.server.management.models()) == sorted([*wanted, *shipped, "edgent-probe"])
    plans = sum(len(path.layers) for network in shipped.values() for path in network.graph.paths)
    assert len(wanted) < plans


@pytest.mark.full
@pytest.mark.parametrize("interface", ["http", "grpc"])
@pytest.mark.parametrize("name", ["lenet", "alexnet"])
def test_every_cut(name: str, interface: str, shipped: dict[str, Network], edge: Edge, cache: Path) -> None:
    """Every (exit, partition point) that needs the edge, each exit of a shared head included."""
    addresses = edge.server.addresses
    url = addresses.inference if interface == "http" else addresses.grpc_inference
    _check_every_cut(edge, shipped[name], cache, url)


@pytest.mark.full
def test_every_cut_of_a_network_that_is_not_ours(
    exported_network: Callable[[Path], Path], tmp_path: Path
) -> None:
    """A residual network that torch exports in this test: TorchServe takes it, too."""
    model = exported_network(tmp_path / "exported.onnx")
    spec_file = write_tiny_spec(tmp_path / "foreign", model, "foreign", (3, 12, 12))
    network = Network.open(read_spec(spec_file), tmp_path / "cache")
    with serving([network], tmp_path / "store") as edge:
        _check_every_cut(edge, network, tmp_path / "cache", edge.server.addresses.inference)


@pytest.mark.full
@pytest.mark.skipif(
    not (Path(os.environ.get("EDGENT_DATA_DIR", "data")) / CIFAR10_FOLDER).is_dir(),
    reason="CIFAR-10 is not here: make data, or set EDGENT_DATA_DIR",
)
def test_accuracy_on_cifar10_is_the_unsplit_networks(
    shipped: dict[str, Network], edge: Edge, cache: Path
) -> None:
    """1,000 test images, for each exit device-only, one inner cut, edge-only: exactly the same answers."""
    network = shipped["alexnet"]
    split = DATASETS["cifar10"].held_out()
    images, labels = split.images[:1000], split.labels[:1000]
    expected = {name: logits.argmax(1) for name, logits in Judge(network, images).logits.items()}
    shared = min(path.leaves_after for path in network.graph.paths)  # one head for all exits
    plans = [
        plan
        for path in network.graph.paths
        for plan in (
            Plan(path.exit_name, 0),
            Plan(path.exit_name, shared, "webp", "float32"),
            Plan(path.exit_name, len(path.layers)),
        )
    ]
    heads = {_head_of(network, plan) for plan in plans if plan.remote}
    with (
        edge.workers(sorted(heads)),
        DeviceRuntime.open(
            PIPELINES / "alexnet.yaml",
            plan=plans[0],
            inference_url=edge.server.addresses.inference,
            token_file=edge.server.token_file,
            cache=cache,
        ) as runtime,
    ):
        for plan in plans:
            answers = [runtime.infer(image, latency_requirement_s=PATIENT_S, plan=plan) for image in images]
            assert {answer.edge_error for answer in answers} == {None}, plan
            classes = np.array([answer.class_index for answer in answers])
            accuracy, wanted = np.mean(classes == labels), np.mean(expected[plan.exit] == labels)
            assert accuracy == wanted, f"{plan}: {accuracy:.4f}, unsplit {wanted:.4f}"
            np.testing.assert_array_equal(classes, expected[plan.exit], err_msg=str(plan))
