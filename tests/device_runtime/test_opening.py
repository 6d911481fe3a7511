"""What a device says of a pipeline when it opens it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from device_runtime import DeviceRuntime
from tests.profile_fixtures import SPEC

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.latency.profile import NodeProfile


@pytest.mark.parametrize(("accuracy", "sentences"), [(0.8, 0), (0.6, 1)])
def test_a_deeper_exit_that_is_less_accurate_is_said_once(
    chain_network: Path,
    device: NodeProfile,
    edge: NodeProfile,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    accuracy: float,
    sentences: int,
) -> None:
    """With the shallower one that is better."""
    text = SPEC.format(file=chain_network).replace("accuracy: 0.8", f"accuracy: {accuracy}")
    spec = tmp_path / "chain.yaml"
    spec.write_text(f"{text}regressors: {{device: device.yaml, edge: edge.yaml}}\n", encoding="utf-8")
    device.write(tmp_path / "device.yaml")
    edge.write(tmp_path / "edge.yaml")
    with (
        caplog.at_level(logging.WARNING),
        DeviceRuntime.open(spec, inference_url="http://127.0.0.1:9", cache=tmp_path / "cache"),
    ):
        pass
    said = [record.getMessage() for record in caplog.records if "less accurate" in record.getMessage()]
    assert len(said) == sentences
    assert all(one.startswith(f"{spec}: exit2 is less accurate (0.6) than exit1 (0.7)") for one in said)
