"""What is deducted from a budget for the way back of its answer."""

from __future__ import annotations

import pytest

from device_runtime.link.edge_clocks import EdgeClocks
from device_runtime.link.link import PACKET_HEADER_BYTES, LinkMeter
from device_runtime.link.way_back import WayBack
from edgent.core.stay import Stay
from edgent.planning.link import Link

EDGE = b"edge"
ASKED, OTHER = (b"window", "float32"), (b"window", "half")


class Device:
    """One whose edge's clock is 1000 s ahead of its own."""

    def __init__(self) -> None:
        self.now_s = 50.0
        self.clocks = EdgeClocks(lambda: self.now_s)
        self.way_back = WayBack(self.clocks)

    def exchange(self, up_s: float, back_s: float, held_s: float = 0.01) -> None:
        """One exchange."""
        sent_s = self.now_s
        stay = Stay(EDGE, round((sent_s + up_s + 1000.0) * 1e6), held_s, 0.0)
        self.now_s += up_s + held_s + back_s
        self.clocks.learn(sent_s, self.now_s, stay)
        self.way_back.came(self.now_s, stay)

    def deducted_s(self, asked: tuple[bytes, str] = ASKED) -> float:
        """Of a second."""
        return 1.0 - self.way_back.edge_budget_s(1.0, asked)


@pytest.fixture
def device() -> Device:
    """That device."""
    return Device()


def test_nothing_is_deducted_where_nothing_is_known(device: Device) -> None:
    """Neither the clock nor the link."""
    assert device.deducted_s() == 0.0


@pytest.mark.parametrize(("up_s", "back_s"), [(0.01, 0.01), (0.05, 0.01), (0.01, 0.05)])
def test_what_the_quickest_exchange_tells(device: Device, up_s: float, back_s: float) -> None:
    """What the edge writes by then is there in time if it is as quick, however its two ways are long."""
    for _ in range(10):
        device.exchange(up_s, back_s)
    sent = device.clocks.sent_now()
    assert sent is not None
    writes_s = sent.at_us / 1e6 - 1000.0 + 1.0 - device.deducted_s()
    assert writes_s + back_s == pytest.approx(device.now_s + 1.0, abs=1e-3)


def test_usual_ways_back(device: Device) -> None:
    """The middle of the latest counts, so that one slow answer is no reason to give up others."""
    for back_s in (0.001, *[0.021] * 5, 2.0, 0.001):
        device.exchange(0.001, back_s)
    assert device.deducted_s() == pytest.approx(0.021, abs=1e-3)
    for _ in range(8):
        device.exchange(0.001, 0.001)
    assert device.deducted_s() < 0.005, "what is long ago is forgotten"


def test_who_follows_the_link_believes_it(device: Device) -> None:
    """Half of the round trip, and the answer's bytes: the fewest that it had in this codec."""
    device.way_back.meter = LinkMeter(Link(0.04, 1e6, 1e6), lambda: device.now_s)
    packet_s = 8e-6 * PACKET_HEADER_BYTES
    assert device.deducted_s() == pytest.approx(0.02 + packet_s)
    for received_bytes in (20_000, 10_000, 15_000):
        device.way_back.answered(ASKED, received_bytes)
    assert device.deducted_s() == pytest.approx(0.02 + packet_s + 0.08)
    assert device.deducted_s(OTHER) == pytest.approx(0.02 + packet_s)


def test_a_link_that_is_quick_again(device: Device) -> None:
    """It is believed slow, and refusals come back at once: all that it is asked is not refused for ever."""
    device.way_back.meter = LinkMeter(Link(0.04, 1e6, 1e3), lambda: device.now_s)
    device.exchange(0.001, 0.9)
    assert device.deducted_s() > 0.4
    for _ in range(8):
        device.exchange(0.001, 0.001)
    assert device.deducted_s() < 0.01


def test_what_ways_back_usually_take_counts_while_requests_queue(device: Device) -> None:
    """All but the longest of the latest: who is late by its way back has taken another one's time."""
    meter = LinkMeter(Link(0.002, 1e6, 1e6), lambda: device.now_s)
    device.way_back.meter = meter
    for back_s in (*[0.002] * 6, 0.006, 0.3):
        device.exchange(0.002, back_s)
    assert device.deducted_s() < 0.003
    meter.load.observe(0.1, 0.01)
    assert device.deducted_s() == pytest.approx(0.006, abs=1e-3)
    device.now_s += 60.0
    assert device.deducted_s() < 0.003, "nobody queues any more"


def test_a_deadline_stays_one(device: Device) -> None:
    """None is left none, and what is too short for its way back has hardly any time, not all time."""
    device.way_back.meter = LinkMeter(Link(0.04, 1e6, 1e6), lambda: device.now_s)
    assert device.way_back.edge_budget_s(0.0, ASKED) == 0.0
    assert 0 < device.way_back.edge_budget_s(0.01, ASKED) <= 1e-6
