"""Two TorchServes, one of which fails in the middle: every request is answered, then by the other one."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest
import yaml

from device_runtime import DeviceRuntime
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe
from edgent.network import Network
from edgent.spec import read_spec
from tests.device_runtime.test_several_edges import FarAway
from tests.torchserve_fixtures import ended_at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from device_runtime import Answer

pytestmark = [pytest.mark.torchserve]

PIPELINES = Path(__file__).parents[2] / "pipelines"
HEAD = "exit2:p6"
REQUESTS, HARMED_AT = 200, 100
REQUIREMENT_S = 2.0
NAMES = ("a", "b")


class Two:
    """Two servers of LeNet, and a spec that lists both."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._stack = stack
        shutil.copytree(PIPELINES / "lenet", folder / "lenet")
        declared = yaml.safe_load((PIPELINES / "lenet.yaml").read_text(encoding="utf-8"))
        for section in ("edge", "bandwidth"):
            del declared[section]
        self.spec, self.cache = folder / "lenet.yaml", folder / "cache"
        self.spec.write_text(yaml.safe_dump(declared), encoding="utf-8")
        self.network = Network.open(read_spec(self.spec), self.cache)
        name = self.network.graph.head_name("lenet", 1, 6)
        models = build_store(folder / "store", plan_archives([self.network], {name}))
        self.servers = {}
        for edge in NAMES:
            server = stack.enter_context(TorchServe(folder / "store", models))
            stack.enter_context(ended_at_once(server))
            self.servers[edge] = server
        edges = [
            {
                "name": edge,
                "inference_url": server.addresses.inference,
                "grpc_url": server.addresses.grpc_inference,
                "token_file": str(server.token_file),
            }
            for edge, server in self.servers.items()
        ]
        self.spec.write_text(yaml.safe_dump(declared | {"edges": edges}), encoding="utf-8")

    def kill(self, edge: str) -> None:
        """All processes of a server at once."""
        os.killpg(self.servers[edge].pid, signal.SIGKILL)

    def freeze(self, edge: str) -> None:
        """Java and its workers stand still; the system goes on accepting connections for them."""
        for process in psutil.Process(self.servers[edge].pid).children(recursive=True):
            process.suspend()
            self._stack.callback(process.resume)  # it has to reap its children when it is ended


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    """Both are up."""
    with ExitStack() as stack:
        yield Two(tmp_path, stack)


@pytest.mark.parametrize(
    ("harm", "options"),
    [
        pytest.param(Two.kill, {"plan": HEAD}, id="killed, fixed"),
        pytest.param(Two.kill, {"policy": FarAway()}, id="killed, planned"),
        pytest.param(Two.freeze, {"plan": HEAD}, id="frozen, fixed"),
        pytest.param(Two.freeze, {"policy": FarAway()}, id="frozen, planned", marks=pytest.mark.full),
    ],
)
def test_one_of_two_fails(two: Two, harm: Callable[[Two, str], None], options: dict[str, Any]) -> None:
    """All 200 requests are answered rightly and in time; the last ones by the edge that is left."""
    images = np.random.default_rng(3).integers(0, 256, (REQUESTS, 1, 28, 28), np.uint8)
    with DeviceRuntime.open(two.spec, cache=two.cache, **options) as runtime:
        assert runtime.edge_error is None
        by_edge = (runtime.infer(images[0], REQUIREMENT_S).edge for _ in range(5_000))
        assert sum(1 for _ in itertools.islice(filter(None, by_edge), 50)) == 50
        answers: list[Answer] = []
        lost = NAMES[0]
        for number, image in enumerate(images):
            if number == HARMED_AT:
                lost = answers[-1].edge or lost
                harm(two, lost)
            answers.append(runtime.infer(image, REQUIREMENT_S))
        alone = [
            runtime.infer(image, REQUIREMENT_S, f"{answer.plan.exit}:p0")
            for image, answer in zip(images, answers, strict=True)
        ]
    left = next(name for name in NAMES if name != lost)
    assert all(answer.met_requirement for answer in answers)
    assert [answer.class_index for answer in answers] == [answer.class_index for answer in alone]
    assert answers[HARMED_AT - 1].edge == lost
    assert all(answer.edge == left for answer in answers[HARMED_AT + 50 :])
    assert lost not in {answer.edge for answer in answers[HARMED_AT:]}
    assert sum(answer.edge_lost is not None for answer in answers) <= 1
