"""Every exit and every partition point through a real TorchServe: the answer is the unsplit network's."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
import pytest
from torchserve_fixtures import Edge, serving, write_tiny_spec

from device_runtime.runtime import DeviceRuntime
from edgent.datasets.cifar10 import CIFAR10_FOLDER
from edgent.datasets.registry import DATASETS
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.graph.branchy_graph import Head

PIPELINES = Path(__file__).parents[2] / "pipelines"
INPUTS = 20
HEADS_AT_ONCE = 6  # a worker costs 160 MB
PATIENT_S = 60.0  # nothing here is about deadlines

pytestmark = [pytest.mark.torchserve, pytest.mark.timeout(1200)]


class Unsplit:
    """The whole network in one session, as the judge."""

    def __init__(self, network: Network) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            network.graph.path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        self._input, self._exits = network.spec.model.input, network.spec.exit_names

    def logits(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Logits of every exit, shape (images, classes), one image a run as on the device."""
        runs = [self._session.run(list(self._exits), {self._input: image[np.newaxis]}) for image in images]
        return {name: np.concatenate([run[i] for run in runs]) for i, name in enumerate(self._exits)}


def _images(network: Network) -> np.ndarray:
    """Seeded noise, which drives every unit, unlike the few classes of real images."""
    random = np.random.default_rng(7)
    return random.integers(0, 256, (INPUTS, *network.spec.input.shape), np.uint8)


def _check_every_cut(
    edge: Edge, spec_file: Path, network: Network, cache: Path, url: str | None = None
) -> None:
    expected = Unsplit(network).logits(_images(network))
    name = network.spec.name
    heads = network.graph.heads()
    answered = set()
    with DeviceRuntime.open(
        spec_file,
        plan=Plan(network.graph.exit_names[0], 0),
        inference_url=url or edge.server.addresses.inference,
        token_file=edge.server.token_file,
        cache=cache,
    ) as runtime:
        for start in range(0, len(heads), HEADS_AT_ONCE):
            group = heads[start : start + HEADS_AT_ONCE]
            with edge.workers([head.name(name) for head in group]):
                for head in group:
                    for plan in _plans_of(network, head):
                        _check_plan(runtime, plan, _images(network), expected[plan.exit])
                        answered.add((plan.exit, plan.partition_point))
        for path in network.graph.paths:
            _check_plan(runtime, Plan(path.exit_name, 0), _images(network), expected[path.exit_name])
            answered.add((path.exit_name, 0))
    everything = {(path.exit_name, p) for path in network.graph.paths for p in path.partition_points}
    assert answered == everything


def _plans_of(network: Network, head: Head) -> Iterator[Plan]:
    """One plan for each exit that shares a head."""
    for exit_index in head.exits:
        path = network.graph.paths[exit_index]
        points = [p for p in path.partition_points if path.cut_tensor(p) == head.tensor.name]
        assert len(points) == 1
        yield Plan(path.exit_name, points[0])


def _check_plan(runtime: DeviceRuntime, plan: Plan, images: np.ndarray, expected: np.ndarray) -> None:
    for image, logits in zip(images, expected, strict=True):
        answer = runtime.infer(image, latency_requirement_s=PATIENT_S, plan=plan)
        assert answer.edge_error is None, f"{plan}: {answer.edge_error}"
        assert answer.plan == plan
        assert answer.logits.dtype == np.float32
        np.testing.assert_allclose(answer.logits, logits, rtol=0, atol=1e-5, err_msg=str(plan))
        assert answer.class_index == logits.argmax(), plan


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of its own: nothing from an earlier run helps."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def shipped(cache: Path) -> dict[str, Network]:
    """The shipped pipelines by name."""
    return {name: Network.open(read_spec(PIPELINES / f"{name}.yaml"), cache) for name in ("lenet", "alexnet")}


@pytest.fixture(scope="module")
def edge(shipped: dict[str, Network], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """A TorchServe with all heads of the shipped pipelines."""
    with serving(list(shipped.values()), tmp_path_factory.mktemp("store")) as edge:
        yield edge


@pytest.mark.parametrize("name", ["lenet", "alexnet"])
def test_every_cut_of_the_shipped_pipelines(
    name: str, shipped: dict[str, Network], edge: Edge, cache: Path
) -> None:
    """Every (exit, partition point) answers like the unsplit network, each exit of a shared head included."""
    _check_every_cut(edge, PIPELINES / f"{name}.yaml", shipped[name], cache)


def test_every_cut_over_grpc(shipped: dict[str, Network], edge: Edge, cache: Path) -> None:
    """TorchServe's other interface brings the same answers."""
    url = edge.server.addresses.grpc_inference
    _check_every_cut(edge, PIPELINES / "lenet.yaml", shipped["lenet"], cache, url)


def test_a_shared_head_is_served_once(shipped: dict[str, Network], edge: Edge) -> None:
    """TorchServe lists each head once, however many exits use it, and nothing else but the probe."""
    wanted = [head.name(name) for name, network in shipped.items() for head in network.graph.heads()]
    assert sorted(edge.server.management.models()) == sorted([*wanted, "edgent-probe"])
    plans = sum(len(path.layers) for network in shipped.values() for path in network.graph.paths)
    assert len(wanted) < plans


def test_a_network_that_is_not_ours(tmp_path: Path) -> None:
    """A residual network exported by torch in this test: spec, archives, TorchServe and device take it."""
    model = _export_residual_network(tmp_path / "exported.onnx")
    spec_file = write_tiny_spec(tmp_path / "foreign", model, "foreign", (3, 12, 12))
    cache = tmp_path / "cache"
    network = Network.open(read_spec(spec_file), cache)
    # conv, relu, a block up to its sum, relu, mean, classifier; no cut falls inside a block.
    assert [len(path.layers) for path in network.graph.paths] == [6, 8]
    with serving([network], tmp_path / "store") as edge:
        _check_every_cut(edge, spec_file, network, cache)


def _export_residual_network(file: Path) -> Path:
    import torch  # noqa: PLC0415  only this test needs it
    from torch import nn  # noqa: PLC0415

    class Block(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.first = nn.Conv2d(channels, channels, 3, padding=1)
            self.norm = nn.BatchNorm2d(channels)
            self.second = nn.Conv2d(channels, channels, 3, padding=1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.relu(x + self.second(torch.relu(self.norm(self.first(x)))))

    class Branchy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 8, 3, padding=1)
            self.blocks = nn.ModuleList([Block(8), Block(8)])
            self.classifiers = nn.ModuleList([nn.Linear(8, 10), nn.Linear(8, 10)])

        def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
            x = torch.relu(self.stem(image.float() / 255))
            exits = []
            for block, classifier in zip(self.blocks, self.classifiers, strict=True):
                x = block(x)
                exits.append(classifier(x.mean((2, 3))))
            return tuple(exits)

    torch.manual_seed(3)
    network = Branchy().eval()
    image = torch.zeros(1, 3, 12, 12, dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # of the older exporter, which takes 1 s instead of 11
        torch.onnx.export(
            network,
            (image,),
            str(file),
            input_names=["image"],
            output_names=["exit1", "exit2"],
            dynamic_axes={name: {0: "batch"} for name in ("image", "exit1", "exit2")},
            dynamo=False,
        )
    return file


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
    expected = {name: logits.argmax(1) for name, logits in Unsplit(network).logits(images).items()}
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
    heads = {
        network.graph.head_name("alexnet", network.graph.path_of(plan.exit).index, plan.partition_point)
        for plan in plans
        if plan.partition_point
    }
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
