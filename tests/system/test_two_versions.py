"""Two versions of LeNet in one TorchServe: each device is answered by its own, and one can go."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device_runtime import DeviceRuntime
from edgent.core.segment import Segment
from edgent.edge.registration import removal_commands
from edgent.edge.store import build_store, other_versions, plan_archives
from edgent.edge.torchserve import TorchServe
from edgent.network import Network
from edgent.spec import read_spec
from tests.torchserve_fixtures import ended_at_once, retrained, run_in_shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from device_runtime import Answer
    from edgent.edge.configuration import ServedModel

pytestmark = [
    pytest.mark.torchserve,
    pytest.mark.skipif(shutil.which("curl") is None, reason="the commands use curl"),
]

LENET = Path(__file__).parents[2] / "pipelines" / "lenet.yaml"
HEAD = "exit2:p6"
PLANS = (HEAD, "exit2:p2-p6")  # at its head's endpoint, and at its pipeline's
INTERFACES = ("http", "grpc")


@dataclass(frozen=True)
class Rolling:
    """A server in the middle of a change.

    Attributes:
        specs: of the device that has not changed yet, and of the one that has.
    """

    server: TorchServe
    models: list[ServedModel]
    specs: tuple[Path, Path]
    cache: Path

    def ask(self, spec: Path, plan: str, interface: str, image: np.ndarray) -> Answer:
        """A device's answer."""
        addresses = self.server.addresses
        url = addresses.inference if interface == "http" else addresses.grpc_inference
        with DeviceRuntime.open(
            spec, plan=plan, inference_url=url, token_file=self.server.token_file, cache=self.cache
        ) as runtime:
            return runtime.infer(image, latency_requirement_s=30.0)

    def whole(self, spec: Path, image: np.ndarray) -> np.ndarray:
        """What the unsplit network of a device answers."""
        segments = Network.open(read_spec(spec), self.cache).segments
        return Segment(segments.head(1, len(segments.graph.paths[1].layers))).run(image[np.newaxis])


@pytest.fixture
def rolling(tmp_path: Path) -> Iterator[Rolling]:
    """The old archives were there, the new ones came beside them; the server was started with the store."""
    specs = LENET, retrained(LENET, tmp_path / "retrained")
    cache, store = tmp_path / "cache", tmp_path / "store"
    for spec in specs:
        network = Network.open(read_spec(spec), cache)
        name = network.graph.head_name("lenet", 1, 6)
        heads = [head for head in plan_archives([network], {name}) if head.warm]
        path = network.graph.paths[1]
        models = build_store(store, heads, warm=[(network, [(path.cut_tensor(2), path.cut_tensor(6))])])
    # Registered from the outside are none of them, but some are removed.
    with TorchServe(store, models, settings={"enable_model_api": "true"}) as server, ended_at_once(server):
        yield Rolling(server, models, specs, cache)


def test_each_device_is_answered_by_its_own_version(rolling: Rolling) -> None:
    """Before the change is over, and after the old version is gone; its devices then answer themselves."""
    image = np.random.default_rng(5).integers(0, 256, (1, 28, 28), np.uint8)
    answers = [rolling.whole(spec, image) for spec in rolling.specs]
    assert np.abs(answers[0] - answers[1]).max() > 1e-3
    for spec, expected in zip(rolling.specs, answers, strict=True):
        for plan in PLANS:
            for interface in INTERFACES:
                _check(rolling.ask(spec, plan, interface, image), expected, on_edge=True)
    new = Network.open(read_spec(rolling.specs[1]), rolling.cache)
    others = other_versions(rolling.models, [new])
    made = [model for model in rolling.models if model not in others]
    run_in_shell(removal_commands(others, made, rolling.server.addresses.management), rolling.server)
    for spec, expected, on_edge in zip(rolling.specs, answers, (False, True), strict=True):
        for interface in INTERFACES:
            _check(rolling.ask(spec, HEAD, interface, image), expected, on_edge=on_edge)


def _check(answer: Answer, expected: np.ndarray, *, on_edge: bool) -> None:
    assert (answer.edge_error is None) is on_edge, answer.edge_error
    if on_edge:
        np.testing.assert_allclose(answer.logits, expected[0], rtol=0, atol=1e-5)
