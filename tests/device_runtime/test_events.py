"""What is said of the link and of plans between the answers of a run."""

import numpy as np
import pytest

from device_runtime.answer import Answer
from device_runtime.cli import _show
from device_runtime.report import Row
from device_runtime.timeline import Timeline
from edgent.planning.plan import Plan
from edgent.shipped import shipped_pipelines
from edgent.spec import read_spec


def row(name: str, bandwidth_bps: float) -> Row:
    """An answer of the device, after the link was measured in another state."""
    plan = Plan.device_only("exit1")
    answer = Answer(
        *("1", 1, np.array([0.0, 1.0]), plan, plan, 0.01, 0.1, Timeline({}, 0.0)),
        bandwidth_bps=bandwidth_bps,
        state_changed=True,
    )
    return Row(name, None, answer)


def test_a_state_is_told_once_for_each_measurement(capsys: pytest.CaptureFixture[str]) -> None:
    """Answers of the device alone measure nothing, so that the last measurement's state stays a new one."""
    spec = read_spec(shipped_pipelines()["lenet"])
    _show(spec, [row("a", 1e6), row("b", 1e6), row("c[bold].jpg", 4e5), row("d", 4e5)])
    told = [line for line in capsys.readouterr().out.splitlines() if "bandwidth state" in line]
    assert told == ["c[bold].jpg: another bandwidth state, about 400 kbps"]
