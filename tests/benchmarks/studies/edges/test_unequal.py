"""A split of requests between edges, on a device whose edges are not there."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from benchmarks.studies.edges.unequal import plan_requests, split_requests
from device_runtime.runtime import DeviceRuntime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edgent.planning.decision import Decision

PIPELINES = Path(__file__).parents[4] / "pipelines"


@pytest.fixture
def device(tmp_path: Path) -> Iterator[DeviceRuntime]:
    """It plans for two edges, ``a`` and ``b``."""
    shutil.copytree(PIPELINES / "lenet", tmp_path / "lenet")
    declared = yaml.safe_load((PIPELINES / "lenet.yaml").read_text(encoding="utf-8"))
    for section in ("edge", "bandwidth"):
        del declared[section]
    declared["edges"] = [
        {"name": "a", "inference_url": "http://127.0.0.1:1"},
        {"name": "b", "inference_url": "http://127.0.0.1:2"},
    ]
    spec = tmp_path / "lenet.yaml"
    spec.write_text(yaml.safe_dump(declared), encoding="utf-8")
    with DeviceRuntime.open(spec, cache=tmp_path / "cache") as device:
        yield device


def test_a_split_says_where_requests_go(device: DeviceRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the edge that was drawn is planned for, until all are again."""
    planned: list[str] = []

    def noted(name: str, decide: Callable[[float], Decision], requirement_s: float) -> Decision:
        planned.append(name)
        return decide(requirement_s)

    for edge in device.edges:
        assert edge.planner is not None
        monkeypatch.setattr(edge.planner, "decide", partial(noted, edge.name, edge.planner.decide))
    image = np.zeros(device.network.graph.input_shape, np.uint8)
    split_requests(device.edges, (0, 100), seed=0)
    for _ in range(3):
        device.infer(image, 1.0)
    assert planned == ["b"] * 3
    plan_requests(device.edges)
    device.infer(image, 1.0)
    assert planned[3:] == ["a", "b"]
