"""Every exit and every partition point through the handlers' own code: answers are the unsplit network's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.testbed.judge import Judge
from device_runtime.runtime import DeviceRuntime
from edgent.edge.store import build_store, plan_archives
from edgent.network import Network
from edgent.planning.policies.policy import choose
from edgent.spec import read_spec
from tests.cuts import PATIENT_S, check_plan, device_only, every_plan, noise, plans_of
from tests.in_process_edge import InProcessEdge
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.planning.cost_table import CostTable
    from edgent.planning.decision import Decision
    from edgent.planning.situation import Situation

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


class FarAway:
    """A policy that runs as much on the edge as it may."""

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """The ready plan with the largest head."""
        points = np.array([plan.stop for plan in table.plans], dtype=np.float64)
        return choose(table, situation, points, "its head is the largest")


class WithoutWorker:
    """A pipeline's endpoint that nobody started a worker for."""

    def answer(self, _: bytes) -> tuple[int, bytes]:
        """What TorchServe says of it."""
        return 503, b'{"code": 503, "message": "Model lenet has no worker to serve inference request."}'


def test_a_store_with_one_head(tmp_path: Path) -> None:
    """A device plans with the heads that are there, whichever it would like better; every answer is right."""
    spec_file, built = PIPELINES / "lenet.yaml", "lenet-p03"
    network = Network.open(read_spec(spec_file), tmp_path / "cache")
    build_store(tmp_path / "store", [head for head in plan_archives([network]) if head.name == built])
    images = noise(network)
    expected = Judge(network, images).logits
    with (
        InProcessEdge(tmp_path / "store", tmp_path / "unpacked", {"lenet": WithoutWorker()}) as edge,
        DeviceRuntime.open(
            spec_file,
            policy=FarAway(),
            inference_url=edge.url,
            token_file=edge.token_file,
            cache=tmp_path / "cache",
        ) as runtime,
    ):
        answered: list[str | None] = []
        while answered.count(built) < 10:
            index = len(answered) % len(images)
            answer = runtime.infer(images[index], PATIENT_S)
            assert answer.edge_error is None
            logits = expected[answer.plan.exit][index]
            np.testing.assert_allclose(answer.logits, logits, rtol=0, atol=0.1)  # codecs lose a little
            assert answer.endpoint == network.head_of(answer.plan)
            answered.append(answer.endpoint)
            assert len(answered) < 10_000
    assert set(answered) == {None, built}


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
