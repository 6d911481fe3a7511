"""Two TorchServes, one of which fails in the middle: every request is answered, then by the other one."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
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
        self._stack, self._store = stack, folder / "store"
        shutil.copytree(PIPELINES / "lenet", folder / "lenet")
        self._declared = yaml.safe_load((PIPELINES / "lenet.yaml").read_text(encoding="utf-8"))
        for section in ("edge", "bandwidth"):
            del self._declared[section]
        self.spec, self.cache = folder / "lenet.yaml", folder / "cache"
        self.spec.write_text(yaml.safe_dump(self._declared), encoding="utf-8")
        network = Network.open(read_spec(self.spec), self.cache)
        name = network.graph.head_name("lenet", 1, 6)
        self._models = build_store(self._store, plan_archives([network], {name}))
        self._servers: dict[str, TorchServe] = {}
        self._frozen: list[psutil.Process] = []

    def start(self) -> None:
        """Start those that no test has left running, side by side."""
        missing = [name for name in NAMES if name not in self._servers]
        with ThreadPoolExecutor(len(NAMES)) as pool:
            started = [pool.submit(TorchServe, self._store, self._models) for _ in missing]
        for name, future in zip(missing, started, strict=True):
            self._servers[name] = self._stack.enter_context(future.result())
            self._stack.enter_context(ended_at_once(self._servers[name]))
        edges = [
            {
                "name": name,
                "inference_url": self._servers[name].addresses.inference,
                "grpc_url": self._servers[name].addresses.grpc_inference,
                "token_file": str(self._servers[name].token_file),
            }
            for name in NAMES
        ]
        self.spec.write_text(yaml.safe_dump(self._declared | {"edges": edges}), encoding="utf-8")

    def kill(self, edge: str) -> None:
        """All processes of a server at once."""
        os.killpg(self._servers.pop(edge).pid, signal.SIGKILL)

    def freeze(self, edge: str) -> None:
        """Java and its workers stand still; the system goes on accepting connections for them."""
        for process in psutil.Process(self._servers[edge].pid).children(recursive=True):
            process.suspend()
            self._frozen.append(process)

    def thaw(self) -> None:
        """All go on, and answer."""
        while self._frozen:
            self._frozen.pop().resume()
        for server in self._servers.values():
            server.management.models()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """What the tests share."""
    with ExitStack() as stack:
        yield Two(tmp_path_factory.mktemp("two"), stack)


@pytest.fixture
def two(both: Two) -> Iterator[Two]:
    """Both are up, whatever an earlier test did to them."""
    both.start()
    yield both
    both.thaw()


@pytest.mark.parametrize(
    ("harm", "options"),
    [
        pytest.param(Two.freeze, {"plan": HEAD}, id="frozen, fixed"),
        pytest.param(Two.freeze, {"policy": FarAway()}, id="frozen, planned", marks=pytest.mark.full),
        pytest.param(Two.kill, {"plan": HEAD}, id="killed, fixed"),
        pytest.param(Two.kill, {"policy": FarAway()}, id="killed, planned"),
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
