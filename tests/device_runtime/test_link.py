"""The link: measured by three kinds of probes, followed by every exchange."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_runtime.edge_client import HeadReply
from device_runtime.link import PACKET_HEADER_BYTES, LinkMeter, Transfer, measure_link
from edgent.planning.link import Link

REQUEST_HEADER, ANSWER_HEADER = 120, 230


class IdealLink:
    """A link without noise, and how many bytes probes sent over it."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.probes = 0

    def seconds(self, up_bytes: int, down_bytes: int) -> float:
        """What an exchange takes."""
        up = 8 * (up_bytes + PACKET_HEADER_BYTES) / self.link.upload_bps
        return self.link.round_trip_s + up + 8 * (down_bytes + PACKET_HEADER_BYTES) / self.link.download_bps

    def probe(self, upload_bytes: int, download_bytes: int) -> HeadReply:
        """What the edge's probe would have shown."""
        self.probes += 1
        sent, received = upload_bytes + REQUEST_HEADER, download_bytes + ANSWER_HEADER
        return HeadReply(b"", self.seconds(sent, received), sent, received)


LINKS = st.builds(Link, st.floats(1e-4, 0.3), st.floats(2e4, 1e8), st.floats(2e4, 1e8))


@given(link=LINKS)
def test_the_three_unknowns_are_told_apart(link: Link) -> None:
    """On an ideal link of any speed, round trip and both bandwidths come out as they are."""
    measured = measure_link(IdealLink(link).probe)
    assert measured.link.upload_bps == pytest.approx(link.upload_bps, rel=1e-3)
    assert measured.link.download_bps == pytest.approx(link.download_bps, rel=1e-3)
    assert measured.link.round_trip_s == pytest.approx(link.round_trip_s, rel=1e-3, abs=1e-5)
    assert measured.request_overhead_bytes == REQUEST_HEADER + PACKET_HEADER_BYTES
    assert measured.answer_overhead_bytes == ANSWER_HEADER + PACKET_HEADER_BYTES


def test_probes_are_few_and_short_on_a_slow_link() -> None:
    """At 50 kbps no probe is longer than it must be; at 100 Mbps they grow until they tell something."""
    slow, fast = IdealLink(Link(0.002, 5e4, 5e4)), IdealLink(Link(0.002, 1e8, 1e8))
    measure_link(slow.probe)
    measure_link(fast.probe)
    assert slow.probes == 8
    assert fast.probes > slow.probes


@given(link=LINKS, up=st.integers(300, 50_000), down=st.integers(300, 50_000))
def test_an_exchange_on_the_known_link_shows_that_link(link: Link, up: int, down: int) -> None:
    """What goes as expected confirms the bandwidth, and its weight grows with the transfer's share."""
    meter = LinkMeter(link)
    bandwidth_bps, weight = meter.observe(Transfer(up, down, IdealLink(link).seconds(up, down)))
    assert bandwidth_bps == pytest.approx(link.upload_bps, rel=1e-6)
    moving_s = IdealLink(link).seconds(up, down) - link.round_trip_s
    assert weight == pytest.approx(max(moving_s / (moving_s + link.round_trip_s), 1e-3), rel=1e-6)


@given(before=LINKS, factor=st.floats(0.01, 0.5))
def test_a_collapse_is_seen_at_once(before: Link, factor: float) -> None:
    """When the bandwidth falls, one exchange of a few kB shows where to, with a weight that counts."""
    after = Link(before.round_trip_s, before.upload_bps * factor, before.download_bps * factor)
    seconds = IdealLink(after).seconds(4000, 4000)
    bandwidth_bps, weight = LinkMeter(before).observe(Transfer(4000, 4000, seconds))
    assert bandwidth_bps == pytest.approx(after.upload_bps, rel=1e-6)
    moving_s = seconds - after.round_trip_s
    assert weight >= 0.99 * min(moving_s / (moving_s + after.round_trip_s), 1.0) or weight == 1e-3


def test_an_exchange_faster_than_the_round_trip_is_no_infinite_bandwidth() -> None:
    """Noise below the round trip is bounded: at most ten times what was believed."""
    meter = LinkMeter(Link(0.05, 1e6, 1e6))
    bandwidth_bps, _ = meter.observe(Transfer(1000, 1000, 0.03))
    assert 1e6 < bandwidth_bps <= 1.001e7


def test_the_round_trip_is_followed_down_faster_than_up() -> None:
    """On a fast link what is left unexplained is the round trip, and longer ones count less."""
    fallen, risen = LinkMeter(Link(0.05, 1e9, 1e9)), LinkMeter(Link(0.05, 1e9, 1e9))
    fallen.observe(Transfer(500, 500, 0.04))
    risen.observe(Transfer(500, 500, 0.06))
    assert 0.04 < fallen.link.round_trip_s < 0.05 < risen.link.round_trip_s < 0.06
    assert 0.05 - fallen.link.round_trip_s > risen.link.round_trip_s - 0.05


def test_settling_keeps_the_ratio_of_the_directions() -> None:
    """Download follows upload in the ratio that the probes found; a dead link is 0 both ways."""
    meter = LinkMeter(Link(0.01, 1e6, 4e6))
    meter.settle(2e6)
    assert meter.link == Link(0.01, 2e6, 8e6)
    meter.settle(0.0)
    assert meter.link == Link(0.01, 0.0, 0.0)
