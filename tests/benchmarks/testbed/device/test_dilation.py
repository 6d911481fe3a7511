"""How long a slowed device takes for layers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.testbed.device.dilation import Dilation
from device_runtime.carrying_out import execution
from device_runtime.exchange import edge_client
from device_runtime.local_exits.sessions import Sessions
from edgent.core import segment
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from edgent.network import Network


@pytest.fixture
def slept_s(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds for which the device slept behind what it computed; afterwards nothing is slowed any more."""
    slept = list[float]()
    monkeypatch.setattr(time, "sleep", slept.append)
    slowed: list[tuple[Any, str]] = [
        (segment.Segment, "run"),
        (edge_client, "write_frame"),
        (edge_client, "read_frame"),
        (execution, "payload_of"),
    ]
    for module, name in slowed:
        monkeypatch.setattr(module, name, getattr(module, name))
    return slept


def test_layers_take_as_long_in_every_runtime(
    slept_s: list[float], tiny_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one that was opened later, too: three slow runs there are not typical yet."""
    took_s = [0.5] * 4 + [1.5] * 4
    now_s = iter([clock_s for each_s in took_s for clock_s in (0.0, each_s)])
    monkeypatch.setattr(time, "thread_time", now_s.__next__)
    Dilation().set_factor(3.0)
    (stage,) = tiny_network.stages(Plan("exit1", 0))
    for _ in range(2):
        Sessions(tiny_network).load(stage)
    assert slept_s == [*[2 * 0.5] * 7, 2 * 1.0]
