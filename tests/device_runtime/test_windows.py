"""Windows that start inside a path, from the device's side: layers here, layers there, layers here."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.edges.addresses import AddressBook
from device_runtime.local_exits.sessions import Sessions
from device_runtime.runtime import DeviceRuntime
from edgent.core.served_version import served_version
from edgent.core.wire import head_identity, window_identity
from edgent.edge.store import build_store, plan_archives
from edgent.errors import PlanError
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.planning.policies.policy import choose
from edgent.spec import read_spec
from tests.cuts import PATIENT_S, check_plan, noise
from tests.in_process_edge import InProcessEdge
from tests.torchserve_fixtures import write_tiny_spec
from tests.window_worker import WindowWorker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from device_runtime.answer import Answer
    from edgent.planning.cost_table import CostTable
    from edgent.planning.decision import Decision
    from edgent.planning.situation import Situation
    from edgent.planning.stages import Stage

PIPELINES = Path(__file__).parents[2] / "pipelines"


@pytest.fixture(scope="module")
def spec_file(chain_network: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chain, with two exits."""
    return write_tiny_spec(tmp_path_factory.mktemp("windows") / "chain", chain_network)


@pytest.fixture
def served(spec_file: Path, tmp_path: Path) -> Iterator[tuple[DeviceRuntime, WindowWorker]]:
    """A runtime, and what answers for all windows of its network."""
    network = Network.open(read_spec(spec_file), spec_file.parent / "cache")
    worker = WindowWorker(network)
    with (
        InProcessEdge(tmp_path, tmp_path / "unpacked", {network.spec.name: worker}) as edge,
        DeviceRuntime.open(
            spec_file,
            plan=Plan("exit2", 3, start=1),
            inference_url=edge.url,
            token_file=edge.token_file,
            cache=spec_file.parent / "cache",
        ) as runtime,
    ):
        yield runtime, worker


def test_every_window_answers_like_the_unsplit_network(
    served: tuple[DeviceRuntime, WindowWorker],
) -> None:
    """Whatever layers the edge runs, the label is the same and logits are within 1e-5."""
    runtime, worker = served
    graph = runtime.network.graph
    images = noise(runtime.network)[:2]
    for path in graph.paths:
        whole = Plan.device_only(path.exit_name)
        expected = np.array([runtime.infer(image, PATIENT_S, whole).logits for image in images])
        for stop in path.partition_points[2:]:
            for start in range(1, stop):
                worker.asked.clear()
                check_plan(runtime, Plan(path.exit_name, stop, start=start), images, expected)
                assert {place[1:] for place in worker.asked} == {(start, stop)}
                assert len(worker.asked) == len(images)


def test_where_the_time_went(served: tuple[DeviceRuntime, WindowWorker]) -> None:
    """Layers before the window are told apart from those after it."""
    runtime, _ = served
    answer = runtime.infer(noise(runtime.network)[0], PATIENT_S, "exit2:p1-p3:uint8:uint8")
    assert answer.edge_error is None
    times = answer.timeline
    assert min(times.before_s, times.encode_s, times.network_s, times.decode_s, times.tail_s) > 0
    assert times.total_s <= answer.latency_s
    assert answer.to_json()["window"] == [1, 3]


def test_a_window_that_fails_is_rescued_from_the_activation_at_hand(
    served: tuple[DeviceRuntime, WindowWorker],
) -> None:
    """The layers that ran already do not run again, and the answer is the unsplit network's."""
    runtime, worker = served
    image, plan = noise(runtime.network)[0], Plan("exit2", 3, start=1)
    assert runtime.infer(image, PATIENT_S, plan).edge_error is None  # loads what may be needed
    expected = runtime.infer(image, PATIENT_S, "exit2:p0").logits
    worker.broken = True
    ran: list[int] = []
    run = Sessions.run

    def recorded(sessions: Sessions, stage: Stage, *rest: Any) -> np.ndarray:
        ran.append(stage.start)
        return run(sessions, stage, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sessions, "run", recorded)
        answer = runtime.infer(image, PATIENT_S, plan)
    assert ran[0] == 0
    assert min(ran[1:]) == 1, "only the first layer ran from the input, and once"
    assert answer.edge_error is not None
    assert (answer.plan, answer.went_from) == (Plan.device_only("exit2"), 1)
    assert answer.passed == ("exit1", "exit2")
    np.testing.assert_allclose(answer.logits, expected, rtol=0, atol=1e-5)


def test_where_windows_are_asked_for(served: tuple[DeviceRuntime, WindowWorker]) -> None:
    """An inner one at the pipeline's endpoint, one that starts at the input at its head's own before that."""
    network = served[0].network
    book, graph = AddressBook(network), network.graph
    version = served_version(graph.sha256)
    for path in graph.paths:
        for start in range(len(path.layers)):
            plan = Plan(path.exit_name, len(path.layers), start=start)
            *own, by_pipeline = book.of(plan)
            first, last = path.cut_tensor(start), path.cut_tensor(plan.stop)
            assert by_pipeline.identity == window_identity(graph.sha256, first, last)
            assert (by_pipeline.endpoint, by_pipeline.version) == (network.spec.name, version)
            assert by_pipeline.takes == path.cut(start)
            name = network.head_of(plan)
            assert name is not None
            assert own == ([] if start else [book.head(name)])
    assert book.head("tiny-p03").identity == head_identity(graph.sha256, "tiny-p03")
    assert book.of(Plan.device_only("exit1")) == ()


def _lenet(folder: Path, lines: str) -> Path:
    """A copy of the shipped LeNet, with lines added to its spec in place of how the bandwidth is followed."""
    shutil.copytree(PIPELINES / "lenet", folder / "lenet")
    spec_file = folder / "lenet.yaml"
    text = (PIPELINES / "lenet.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("bandwidth:")]
    spec_file.write_text("\n".join([*kept, lines]), encoding="utf-8")
    return spec_file


class FarAway:
    """A policy that runs as much on the edge as it may."""

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """The ready plan with the longest window."""
        longest = (table.stop - table.start).astype(np.float64)
        return choose(table, situation, longest, "its window is the longest")


def test_windows_are_planned_and_learnt(tmp_path: Path) -> None:
    """An input that stays: the device runs the first layers, and the edge never sees the input."""
    spec_file = _lenet(tmp_path, "windows: true\nplacement: {input_stays: true}\n")
    network = Network.open(read_spec(spec_file), tmp_path / "cache")
    build_store(tmp_path / "store", plan_archives([network])[:1])
    worker, images = WindowWorker(network), noise(network)
    with (
        InProcessEdge(tmp_path / "store", tmp_path / "unpacked", {"lenet": worker}) as edge,
        DeviceRuntime.open(
            spec_file,
            policy=FarAway(),
            inference_url=edge.url,
            token_file=edge.token_file,
            cache=tmp_path / "cache",
        ) as runtime,
    ):
        by_edge: list[Answer] = []
        answers: list[Answer] = []
        while len(by_edge) < 100:
            answers.append(runtime.infer(images[len(answers) % len(images)], 1.0))
            by_edge += answers[-1:] if answers[-1].plan.remote else []
            assert len(answers) < 10_000
        image = images[(len(answers) - 1) % len(images)]
        expected = runtime.infer(image, 1.0, Plan.device_only(answers[-1].plan.exit))
    assert all(answer.plan.start > 0 for answer in by_edge)
    assert all(start > 0 for _, start, _ in worker.asked)
    assert not any(answer.edge_error for answer in answers)
    assert answers[-1].class_index == expected.class_index
    assert answers[-1].ruled_out is not None
    assert answers[-1].ruled_out.startswith("placement.input_stays rules out ")


@contextmanager
def _planning(folder: Path, lines: str) -> Iterator[DeviceRuntime]:
    """A runtime that plans for LeNet, with these lines in its spec, and an edge that answers for it."""
    spec_file = _lenet(folder, lines)
    network = Network.open(read_spec(spec_file), folder / "cache")
    build_store(folder / "store", plan_archives([network])[:1])
    with (
        InProcessEdge(folder / "store", folder / "unpacked", {"lenet": WindowWorker(network)}) as edge,
        DeviceRuntime.open(
            spec_file, inference_url=edge.url, token_file=edge.token_file, cache=folder / "cache"
        ) as runtime,
    ):
        yield runtime


def test_a_plan_that_can_never_win_is_carried_out_where_it_is_named(tmp_path: Path) -> None:
    """It is not among those that a planning runtime looks at, and the answer is the unsplit network's."""
    with _planning(tmp_path, "windows: true\n") as runtime:
        assert runtime.calibration is not None
        layers = len(runtime.network.graph.path_of("exit2").layers)
        never = next(
            plan
            for start in range(1, layers)
            for stop in range(start + 1, layers + 1)
            if (plan := Plan("exit2", stop, start=start)) not in runtime.calibration.profiled
        )
        image = noise(runtime.network)[0]
        answer = runtime.infer(image, PATIENT_S, never)
        expected = runtime.infer(image, PATIENT_S, Plan.device_only("exit2"))
    assert (answer.plan, answer.edge_error) == (never, None)
    np.testing.assert_allclose(answer.logits, expected.logits, rtol=0, atol=1e-5)


@pytest.mark.parametrize("environment", ["static", "dynamic"])
def test_the_objective_of_the_spec_decides(tmp_path: Path, environment: str) -> None:
    """With time enough the edge does nothing, and of the exits on the device the most accurate is taken."""
    lines = f"windows: true\nobjective: edge_seconds\nbandwidth: {{environment: {environment}}}\n"
    with _planning(tmp_path, lines) as runtime:
        answers = [runtime.infer(image, 2.0) for image in noise(runtime.network)[:5]]
    assert {str(answer.wanted) for answer in answers} == {"exit2:p0"}
    assert {answer.ruled_out for answer in answers} == {None}


def test_the_edge_is_never_asked(tmp_path: Path) -> None:
    """``device_only`` needs no edge at all; a plan that asks it is refused."""
    spec_file = _lenet(tmp_path, "placement: {device_only: true}\n")
    with DeviceRuntime.open(
        spec_file, inference_url="http://127.0.0.1:9", cache=tmp_path / "cache"
    ) as runtime:
        image = noise(runtime.network)[0]
        answers = [runtime.infer(image, 1.0) for _ in range(5)]
        assert all(not answer.plan.remote and answer.edge_absent is None for answer in answers)
        assert runtime.edge_error is None
        with pytest.raises(PlanError, match=r"placement.device_only in .*lenet.yaml rules it out"):
            runtime.infer(image, 1.0, "exit2:p3")


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ("exit2:p1-p99", "exit 'exit2' has no partition point 99"),
        ("exit2:p1-p3:webp:float32", "no activation codec 'webp'"),
        ("exit2:p3:webp", "no activation codec 'webp' .*; did you mean exit2:p3:webp:float32?"),
    ],
)
def test_windows_that_the_network_has_not(
    served: tuple[DeviceRuntime, WindowWorker], plan: str, message: str
) -> None:
    """They are refused as other plans are."""
    runtime, _ = served
    with pytest.raises(PlanError, match=message):
        runtime.infer(noise(runtime.network)[0], PATIENT_S, plan)
