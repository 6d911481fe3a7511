"""A pipeline made of a network and photos, through a real TorchServe: it is as accurate as was promised."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from device_runtime import DeviceRuntime
from edgent.accuracy.codec_accuracy import read_accuracies
from edgent.network import Network
from edgent.spec import Pipeline, read_spec
from tests.networks import one_output
from tests.photos import labelled
from tests.torchserve_fixtures import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.torchserve_fixtures import Edge

pytestmark = [pytest.mark.torchserve]

ROOT = Path(__file__).parents[2]
DEADLINE_S = 30.0  # accuracy is compared, not time


@dataclass(frozen=True)
class Own:
    """A pipeline that a user made, and a TorchServe that serves it."""

    spec: Pipeline
    network: Network
    edge: Edge
    cache: Path


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    """Made of a network with one output and photos of many sizes, in folders; each path has a worker."""
    folder: Path = tmp_path_factory.mktemp("own")
    one_output(folder / "net.onnx")
    labelled(folder / "photos" / "train", 20)
    labelled(folder / "photos" / "held_out", 16, seed=1)
    command = "from edgent.cli import main; main()"
    options = ("--photos", "photos", "--exits", "3", "--budget-s", "2", "--out", ".")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")}
    subprocess.run(
        [sys.executable, "-c", command, "new", "own", "--model", "net.onnx", *options],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
    )
    spec = read_spec(folder / "own.yaml")
    network = Network.open(spec, folder / "cache" / "edgent")
    heads = [network.graph.head_name("own", path.index, len(path.layers)) for path in network.graph.paths]
    with serving([network], folder / "store") as edge, edge.workers(heads):
        yield Own(spec, network, edge, folder / "cache" / "edgent")


@pytest.mark.parametrize("codec", ["raw", "webp", "jpeg", "file"])
def test_the_device_is_as_accurate_as_promised(own: Own, codec: str) -> None:
    """On the same photos exactly, at every exit, when the edge answers."""
    measured = read_accuracies(own.spec.resolve("own/codec_accuracy.yaml"), own.network.graph.sha256)
    assert measured.compared == measured.images == 48
    for path in own.network.graph.paths:
        plan = f"{path.exit_name}:p{len(path.layers)}:{codec}:float32"
        with _device(own, plan) as runtime:
            right = _right(runtime, own.spec.resolve(own.spec.held_out or ""))
        promised = measured.by_exit[path.exit_name]["raw" if codec != "jpeg" else codec, "float32"]
        assert right / 48 == pytest.approx(promised, abs=1e-6)


def _device(own: Own, plan: str) -> DeviceRuntime:
    """A device with a fixed plan."""
    server = own.edge.server
    return DeviceRuntime.open(
        own.spec.file,
        plan=plan,
        inference_url=server.addresses.inference,
        token_file=server.token_file,
        cache=own.cache,
    )


def _right(runtime: DeviceRuntime, folder: Path) -> int:
    """How many photos of labelled folders get their label from the edge."""
    answers = [
        (runtime.infer(file, latency_requirement_s=DEADLINE_S), file.parent.name)
        for file in sorted(folder.glob("*/*"))
    ]
    assert all(answer.plan == answer.wanted for answer, _ in answers)
    return sum(answer.label == label for answer, label in answers)
