"""Two edges with connections of their own: one dead, slow, frozen or of another model, tokens of each."""

from __future__ import annotations

import shutil
import threading
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from device_runtime import DeviceRuntime
from edgent.core.wire import read_frame
from edgent.edge.store import build_store, plan_archives
from edgent.network import Network
from edgent.planning.policies.policy import choose
from edgent.spec import read_spec
from tests.in_process_edge import InProcessEdge
from tests.window_worker import WindowWorker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edgent.planning.cost_table import CostTable
    from edgent.planning.decision import Decision
    from edgent.planning.situation import Situation

PIPELINES = Path(__file__).parents[2] / "pipelines"
PLAN = "exit2:p6"
PATIENT_S = 30.0
_MOST = 2_000
NO_WORKER = b'{"code": 503, "message": "Model lenet has no worker to serve inference request."}'


class FarAway:
    """A policy that runs as much on the edge as it may."""

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """The ready plan with the longest window."""
        longest = (table.stop - table.start).astype(np.float64)
        return choose(table, situation, longest, "its window is the longest")


class Held(WindowWorker):
    """Answers as soon as it is let go, and not before a while; says so when it holds a request."""

    def __init__(self, network: Network, say: Callable[[], None]) -> None:
        super().__init__(network)
        self.go = threading.Event()
        self.go.set()
        self.wait_s = 0.0
        self.is_drained = False
        self._say = say

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """The window's answer; without a worker, what TorchServe says."""
        if self.is_drained:
            return 503, NO_WORKER
        if not self.go.is_set() and len(read_frame(body).tensor):  # without inputs it is a check
            self._say()
        assert self.go.wait(PATIENT_S)
        if self.wait_s:
            threading.Event().wait(self.wait_s)
        return super().answer(body)


class Two:
    """Two edges ``a`` and ``b`` of LeNet, each with a worker and a key of its own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        shutil.copytree(PIPELINES / "lenet", folder / "lenet")
        declared = yaml.safe_load((PIPELINES / "lenet.yaml").read_text(encoding="utf-8"))
        for section in ("edge", "bandwidth"):
            del declared[section]
        self.spec, self.cache = folder / "lenet.yaml", folder / "cache"
        self.spec.write_text(yaml.safe_dump(declared), encoding="utf-8")
        self.network = Network.open(read_spec(self.spec), self.cache)
        self.holding = SimpleQueue[str]()
        self.workers = {name: Held(self.network, partial(self.holding.put, name)) for name in ("a", "b")}
        self.stacks = {name: stack.enter_context(ExitStack()) for name in self.workers}
        build_store(folder / "store", plan_archives([self.network])[:1])
        edges = []
        for name, worker in self.workers.items():
            served = {"lenet": worker}
            edge = InProcessEdge(folder / "store", folder / name, served, token=f"key-of-{name}")
            self.stacks[name].enter_context(edge)
            edges.append({"name": name, "inference_url": edge.url, "token_file": str(edge.token_file)})
        self.spec.write_text(yaml.safe_dump(declared | {"edges": edges}), encoding="utf-8")
        self.image = np.zeros(self.network.graph.input_shape, np.uint8)

    def open(self, **options: object) -> DeviceRuntime:
        """A device of both."""
        return DeviceRuntime.open(self.spec, cache=self.cache, **options)  # type: ignore[arg-type]

    def until(self, runtime: DeviceRuntime, *edges: str, number: int = 1, requirement_s: float = 1.0) -> None:
        """Ask until one of some edges has answered some times."""
        for _ in range(_MOST):
            number -= runtime.infer(self.image, requirement_s).edge in edges
            if number == 0:
                return
        raise AssertionError(f"{edges} were not asked")

    def freeze(self, runtime: DeviceRuntime) -> str:
        """Freeze the edge that is asked next, whichever that is, and name it; the device answers instead."""
        for worker in self.workers.values():
            worker.go.clear()
        for _ in range(_MOST):
            answer = runtime.infer(self.image, 0.3)
            assert answer.edge is None
            if answer.edge_error is not None:
                break
        frozen = self.holding.get(timeout=PATIENT_S)
        for name, worker in self.workers.items():
            if name != frozen:
                worker.go.set()
        return frozen


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    """Both serve."""
    with ExitStack() as stack:
        made = Two(tmp_path, stack)
        yield made
        for worker in made.workers.values():
            worker.go.set()


def test_each_edge_has_its_token(two: Two) -> None:
    """Either would refuse the other's."""
    with two.open(plan=PLAN) as runtime:
        assert runtime.infer(two.image, PATIENT_S).edge == "a"
        two.workers["a"].broken = True
        assert runtime.infer(two.image, PATIENT_S).edge == "b"


def test_another_model_on_one_edge(two: Two) -> None:
    """It is refused there, and answered by the other one within the same request."""
    two.workers["a"].broken = True
    with two.open(plan=PLAN) as runtime:
        answer = runtime.infer(two.image, PATIENT_S)
    assert (answer.edge, answer.edge_error) == ("b", None)
    assert answer.passed_over is not None
    assert answer.passed_over.startswith("a: ")


@pytest.mark.parametrize("options", [{"plan": PLAN}, {"policy": FarAway()}], ids=["fixed", "planned"])
def test_an_edge_that_dies(two: Two, options: dict[str, object]) -> None:
    """Every request is answered, and by the other edge from then on; the lost one is said once."""
    with two.open(**options) as runtime:
        two.until(runtime, "a")
        two.stacks["a"].close()
        answers = [runtime.infer(two.image, PATIENT_S) for _ in range(40)]
    assert [answer.edge for answer in answers[-10:]] == ["b"] * 10
    assert not any(answer.edge_error for answer in answers if answer.edge == "b")
    assert sum(answer.edge_lost is not None for answer in answers) <= 1


@pytest.mark.parametrize("options", [{"plan": PLAN}, {"policy": FarAway()}], ids=["fixed", "planned"])
def test_an_edge_that_freezes(two: Two, options: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """The request under way is answered by the device; the next ones by the other edge, and they say why.

    The exchange that is frozen goes on meanwhile: when it is given up, the edge may be asked once more.
    """
    monkeypatch.setattr("device_runtime.edges.edge_session._SHORTEST_EXCHANGE_S", PATIENT_S)
    with two.open(**options) as runtime:
        two.until(runtime, *two.workers)
        frozen = two.freeze(runtime)
        (other,) = two.workers.keys() - {frozen}
        two.until(runtime, other, requirement_s=PATIENT_S)
        answers = [runtime.infer(two.image, PATIENT_S) for _ in range(3)]
    assert [answer.edge for answer in answers] == [other] * 3
    assert all((answer.passed_over or "").startswith(f"{frozen}: ") for answer in answers)


def test_an_edge_that_is_drained(two: Two) -> None:
    """Its server lives and has no worker: every request is answered by the other edge, the first one, too."""
    with two.open(plan=PLAN) as runtime:
        two.until(runtime, "a")
        two.workers["a"].is_drained = True
        answers = [runtime.infer(two.image, PATIENT_S) for _ in range(10)]
    assert [answer.edge for answer in answers] == ["b"] * 10
    assert answers[0].passed_over is not None
    assert answers[0].passed_over.startswith("a: ")


def test_an_edge_that_is_known_and_freezes(two: Two) -> None:
    """It is overdue at once, and the other edge answers the request that is under way.

    After five answers it is known. Until then it is never overdue, so that all retries are left.
    """
    with two.open(plan=PLAN) as runtime:
        two.until(runtime, "a", number=5, requirement_s=PATIENT_S)
        two.workers["a"].go.clear()
        answer = runtime.infer(two.image, PATIENT_S)
        assert (answer.edge, answer.edge_error) == ("b", None)
        assert answer.passed_over is not None
        assert "usually answers within" in answer.passed_over
        two.workers["a"].go.set()


def test_a_slow_edge_is_left_for_a_quick_one(two: Two) -> None:
    """It takes 50 ms longer than was believed."""
    with two.open(policy=FarAway()) as runtime:
        two.until(runtime, "a")
        two.workers["a"].wait_s = 0.05
        two.until(runtime, "b", number=30)
        by_b = [runtime.infer(two.image, 1.0).edge == "b" for _ in range(20)]
    assert sum(by_b) >= 15
