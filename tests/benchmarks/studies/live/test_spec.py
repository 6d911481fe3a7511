"""The spec of a live run: a slower device, an environment that moves, lossless codecs."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.studies.live.spec import Device, write_live_spec
from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.planning.stages import Step
from edgent.spec import read_spec

LENET = Path(__file__).parents[4] / "pipelines" / "lenet.yaml"


def test_segments_are_slower_and_nothing_else(tmp_path: Path) -> None:
    """Ten times the device's times, the edge's as they were; the spec says what was asked for."""
    file = write_live_spec(read_spec(LENET), tmp_path, Device(10.0, 0.02, "expected", hedge=False))
    spec = read_spec(file)
    assert spec.latency_requirement_s == pytest.approx(0.02)
    assert (spec.bandwidth.environment, spec.bandwidth.policy) == ("dynamic", "expected")
    assert not spec.device.hedge
    slow = load_cost_table(Network.open(spec, tmp_path / "cache"))
    usual = load_cost_table(Network.open(read_spec(LENET), tmp_path / "cache"))
    same = [usual.index_of(plan) for plan in slow.plans]
    device_s = usual.seconds[Step.RUN_DEVICE, same]
    assert slow.seconds[Step.RUN_DEVICE] == pytest.approx(10 * device_s, rel=1e-3, abs=1e-7)
    assert np.array_equal(slow.seconds[Step.RUN_EDGE], usual.seconds[Step.RUN_EDGE, same])
    assert {(plan.codec_up, plan.codec_down) for plan in slow.plans} == {("raw", "float32")}
