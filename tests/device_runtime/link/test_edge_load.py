"""How long requests queue on an edge, told from the link's time and from the edge's computing."""

from __future__ import annotations

import pytest

from device_runtime.link.edge_load import EdgeLoad, queued_s
from device_runtime.link.link import LinkMeter, Transfer
from edgent.core.stay import Stay
from edgent.planning.link import Link


def _stay(busy_s: float) -> Stay:
    return Stay(b"edge", 0, 0.01, busy_s)


@pytest.mark.parametrize(
    ("busy_s", "waited_s", "upload_s", "queue_s"),
    [
        pytest.param(0.0, 3.0, 0.1, 0.0, id="a slow link to an idle edge is no queue"),
        pytest.param(5.0, 0.3, 0.1, 0.2, id="what its way up does not explain"),
        pytest.param(0.05, 0.3, 0.1, 0.05, id="no longer than the worker was at work"),
        pytest.param(5.0, 0.1, 0.2, 0.0, id="quicker than expected"),
    ],
)
def test_how_long_a_request_queued(busy_s: float, waited_s: float, upload_s: float, queue_s: float) -> None:
    """The least of what the worker's spell allows and of what its way leaves."""
    assert queued_s(_stay(busy_s), waited_s, upload_s) == pytest.approx(queue_s)


class Now:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.s = 10.0

    def __call__(self) -> float:
        """The time."""
        return self.s


def test_a_queue_is_followed_and_fades() -> None:
    """It is believed after some requests, and half of it after two seconds without news."""
    now = Now()
    load = EdgeLoad(now)
    assert (load.queue_s, load.is_busy) == (0.0, False)
    for _ in range(20):
        load.observe(0.1, 0.02)
    assert load.queue_s == pytest.approx(0.1, rel=0.01)
    assert load.is_busy
    now.s += 2
    assert load.queue_s == pytest.approx(0.05, rel=0.01)
    now.s += 60
    assert load.queue_s < 1e-9
    assert not load.is_busy


def test_busy_is_when_requests_queue_for_longer_than_they_take() -> None:
    """A slow edge without a queue is not busy; what expired tells of the queue alone."""
    load = EdgeLoad(Now())
    for _ in range(20):
        load.observe(0.01, 0.5)
    assert not load.is_busy
    for _ in range(20):
        load.observe(1.0, 0.0)
    assert load.is_busy


def test_a_busy_edge_is_taken_for_neither_a_slow_link_nor_a_slow_edge() -> None:
    """The queue is in the round trip while it is there; bandwidths stay, and the round trip comes back."""
    now = Now()
    link = Link(0.01, 8e6, 8e6)
    meter = LinkMeter(link, now)
    for _ in range(30):
        seconds = 0.01 + 8 * 10_066 / 8e6 + 8 * 566 / 8e6
        now.s += 0.1
        meter.observe(Transfer(10_000, 500, seconds, queue_s=0.2, compute_s=0.02))
    busy = meter.link
    assert busy.round_trip_s == pytest.approx(0.21, abs=0.005)
    assert (busy.upload_bps, busy.download_bps) == (8e6, 8e6)
    meter.observe(Transfer(10_000, 500, 0.0206))  # a probe, of which nothing is said
    now.s += 30
    assert meter.link.round_trip_s == pytest.approx(0.01, abs=0.005)


def test_what_an_upload_takes_to_an_idle_edge() -> None:
    """Its bytes at the link's rate, and half of what is fixed."""
    meter = LinkMeter(Link(0.02, 8e6, 8e6))
    assert meter.upload_s(10_000 - 66) == pytest.approx(0.01 + 0.01, rel=0.05)
