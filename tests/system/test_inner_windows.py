"""Every inner window of LeNet, run by the pipeline's archive: the answer of the unsplit network."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from device_runtime import DeviceRuntime, Plan
from edgent.edge.store import build_store, plan_archives
from edgent.network import Network
from edgent.spec import read_spec
from tests.cuts import PATIENT_S, check_plan, noise
from tests.in_process_edge import InProcessEdge

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEC = Path(__file__).parents[2] / "pipelines" / "lenet.yaml"
_MOST_ASKS = 500


def _inner(network: Network) -> Iterator[Plan]:
    """The windows that begin behind the input."""
    for path in network.graph.paths:
        for stop in path.partition_points[2:]:
            for start in range(1, stop):
                yield Plan(path.exit_name, stop, start=start)


def test_every_inner_window(tmp_path: Path) -> None:
    """The device runs the layers before and after; a window that is cold says so at once, and gets ready."""
    network = Network.open(read_spec(SPEC), tmp_path / "cache")
    build_store(tmp_path / "store", plan_archives([network]))
    images = noise(network)[:2]
    plans = list(_inner(network))
    with (
        InProcessEdge(tmp_path / "store", tmp_path / "unpacked") as edge,
        DeviceRuntime.open(
            SPEC,
            plan=plans[0],
            inference_url=edge.url,
            token_file=edge.token_file,
            cache=tmp_path / "cache",
        ) as runtime,
    ):
        expected = {
            name: np.array(
                [runtime.infer(image, PATIENT_S, Plan.device_only(name)).logits for image in images]
            )
            for name in network.graph.exit_names
        }
        for plan in plans:
            _wait_until_ready(runtime, plan, images[0])
            check_plan(runtime, plan, images, expected[plan.exit])
    assert len(plans) == 87


def _wait_until_ready(runtime: DeviceRuntime, plan: Plan, image: np.ndarray) -> None:
    """Ask until the window is warm; every refusal before says that it is not ready."""
    for _ in range(_MOST_ASKS):
        refused = runtime.infer(image, PATIENT_S, plan).edge_error
        if refused is None:
            return
        assert "not ready" in refused
        time.sleep(0.005)
    raise AssertionError(f"{plan} was not ready after {_MOST_ASKS} asks")
