"""Measured figures beside simulated ones."""

from pathlib import Path

import pytest

from benchmarks.studies.load.runtimes import Request, RuntimesCell
from benchmarks.studies.load.simulated import compared
from benchmarks.studies.load.simulated_report import simulated_table
from benchmarks.studies.load.slow_device import write_slow_spec
from benchmarks.studies.study import PIPELINES
from edgent.spec import read_spec


def test_the_same_requests_are_simulated(tmp_path: Path) -> None:
    """Two at once: the second waits for the first, as the queue of one worker has it."""
    spec = write_slow_spec(read_spec(PIPELINES / "lenet.yaml"), tmp_path, 0.05, 0.25)
    waits_s = {0: 0.0, 1: 0.05}
    requests = [
        Request(device, 1.0 + second, is_asked=True, is_remote=True, is_run=True, by_edge="edge",
                latency_s=waits_s[device] + 0.051, queue_s=waits_s[device], accuracy=0.9944)
        for second in range(5) for device in (0, 1)
    ]  # fmt: skip
    cell = RuntimesCell(1, 2, 0.5, 0.25, 0.0, 6.0, [*requests, Request(0, 1.01, is_asked=False)])
    found = compared(spec, cell, 0.051, 0.05)
    assert found.goodput_hz == pytest.approx((10 / 6, 10 / 6))
    assert found.late_share == found.local_share == (0.0, 0.0)
    assert found.queue_s == pytest.approx((0.025, 0.02525), rel=1e-2)
    [row] = simulated_table([found]).rows
    assert row[5] == "1.00"
    assert row[8] == "1.01"
