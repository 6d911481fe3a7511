"""Sessions that several threads ask for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from device_runtime.local_exits import sessions
from device_runtime.local_exits.sessions import Sessions
from edgent.core.segment import Segment
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.network import Network


def test_a_session_is_loaded_once_for_all_threads(
    tiny_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of them loads it, while the others wait."""
    opened: list[Path] = []
    others_ask = threading.Event()

    def slow_segment(file: Path, **_: object) -> Segment:
        opened.append(file)
        if len(opened) > 1:
            others_ask.set()
        others_ask.wait(0.1)
        return Segment(file)

    monkeypatch.setattr(sessions, "Segment", slow_segment)
    loaded = Sessions(tiny_network)
    (stage,) = tiny_network.stages(Plan("exit1", 0))
    with ThreadPoolExecutor(2) as threads:
        for loading in [threads.submit(loaded.load, stage) for _ in range(2)]:
            loading.result()
    assert len(opened) == 1
    assert loaded.is_loaded(stage)


@pytest.mark.parametrize(("run_s", "runs"), [(0.001, 3), (0.06, 2), (1.0, 1)])
def test_layers_that_take_long_are_run_less_often_when_they_are_loaded(
    run_s: float, runs: int, tiny_network: Network
) -> None:
    """A device 60 times slower would run whole paths for seconds before it is ready."""
    now_s = iter(run_s * (n // 2 + n % 2) for n in range(10))
    loaded = Sessions(tiny_network, now_s.__next__)
    (stage,) = tiny_network.stages(Plan("exit1", 0))
    assert loaded.times_of(stage).runs_s == pytest.approx((run_s,) * runs)
