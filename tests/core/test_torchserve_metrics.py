"""The lines by which a worker tells TorchServe what it counted."""

from __future__ import annotations

import logging
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from edgent.core import torchserve_metrics
from edgent.core.torchserve_metrics import metric_lines, tell_torchserve
from edgent.core.window_counts import WindowCounts

if TYPE_CHECKING:
    import pytest


def test_a_line_for_each_count() -> None:
    """As TorchServe's own workers print them, with no colon in a label's value, which would be lost."""
    counts = WindowCounts()
    counts.requested("net a:p0-p3", HTTPStatus.OK, 0.5, is_check=False)
    counts.ran("net a:p0-p3", 2, 1.25e-5)
    rest = "|#type:COUNTER|#hostname:here,17"
    assert metric_lines(counts.take(), "here", 17) == [
        f"[METRICS]edgent_window_requests_total.Count:1|#window:net a p0-p3,outcome:answered{rest}",
        f"[METRICS]edgent_window_queue_seconds_total.Count:0.5|#window:net a p0-p3{rest}",
        f"[METRICS]edgent_window_runs_total.Count:1|#window:net a p0-p3{rest}",
        f"[METRICS]edgent_window_inputs_total.Count:2|#window:net a p0-p3{rest}",
        f"[METRICS]edgent_window_compute_seconds_total.Count:1.25e-05|#window:net a p0-p3{rest}",
    ]


def test_many_requests_are_told_together(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although the handler lets nothing but warnings through, a worker prints its sums, and few of them."""
    caplog.handler.setLevel(logging.INFO)
    logging.getLogger().setLevel(logging.WARNING)
    monkeypatch.setattr(torchserve_metrics, "_PERIOD_S", 0.05)
    counts = WindowCounts()
    tell_torchserve(counts)
    for _ in range(1000):
        counts.requested("w", HTTPStatus.OK, 0.0, is_check=False)
    deadline = time.monotonic() + 10
    while _told(caplog) < 1000:
        assert time.monotonic() < deadline, caplog.messages
        time.sleep(0.01)
    assert len(caplog.messages) < 100


def _told(caplog: pytest.LogCaptureFixture) -> float:
    lines = [line for line in caplog.messages if "requests_total" in line]
    return sum(float(line.partition("Count:")[2].partition("|")[0]) for line in lines)
