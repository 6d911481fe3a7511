"""Feature codecs through a real TorchServe: LeNet with one that reads the input, one that does not, one down.

Their weights are random, so answers are held against the same encoders, layers and decoders in one process.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device_runtime import DeviceRuntime
from edgent.datasets.registry import DATASETS
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec
from tests.random_feature_codec import chained, write_pipeline
from tests.torchserve_fixtures import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.torchserve_fixtures import Edge

pytestmark = [pytest.mark.torchserve, pytest.mark.timeout(1200)]

LENET = Path(__file__).parents[2] / "pipelines" / "lenet" / "network.onnx"
PATIENT_S = 60.0
PLANS = [
    "exit2:p2-p12:student:float32",
    "exit2:p1-p12:late:float32",
    "exit1:p1-p2:late:back",
    "exit2:p2:back",
]


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LeNet and three codecs."""
    return write_pipeline(tmp_path_factory.mktemp("features"), LENET)


@pytest.fixture(scope="module")
def edge(spec: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """A TorchServe whose pipeline has a worker."""
    folder = tmp_path_factory.mktemp("edge")
    network = Network.open(read_spec(spec), folder / "cache")
    with serving([network], folder / "store") as served, served.workers(["tiny"]):
        yield served


def _device(spec: Path, edge: Edge, interface: str) -> DeviceRuntime:
    return DeviceRuntime.open(
        spec,
        plan=PLANS[0],
        inference_url=getattr(edge.server.addresses, interface),
        token_file=edge.server.token_file,
        cache=spec.parent / "cache",
    )


@pytest.mark.parametrize("interface", ["inference", "grpc_inference"])
def test_answers_are_those_of_the_parts_in_a_row(interface: str, spec: Path, edge: Edge) -> None:
    """Over HTTP and over gRPC, for each way through a code."""
    images = DATASETS["digits"].held_out().images[:3]
    with _device(spec, edge, interface) as device:
        for text in PLANS:
            patience_s = time.monotonic() + PATIENT_S
            while device.infer(images[0], PATIENT_S, text).edge_error is not None:
                assert time.monotonic() < patience_s
                time.sleep(0.05)
            for image in images:
                answer = device.infer(image, PATIENT_S, text)
                assert (answer.edge_error, str(answer.plan)) == (None, text)
                expected = chained(device.network, Plan.parse(text), image)
                np.testing.assert_allclose(answer.logits, expected, rtol=0, atol=1e-4)


def test_codecs_of_another_training_are_refused(edge: Edge, tmp_path: Path) -> None:
    """The same network with another ``late``: that one's windows are refused, the others are served."""
    other = write_pipeline(tmp_path, LENET, late_seed=99)
    image = DATASETS["digits"].held_out().images[0]
    with _device(other, edge, "inference") as device:
        answer = device.infer(image, PATIENT_S, PLANS[1])
        assert not answer.plan.remote
        assert answer.edge_error is not None
        assert "device and archives must come from the same model" in answer.edge_error
