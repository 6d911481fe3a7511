"""The link: measured by three kinds of probes, followed by every exchange."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_runtime.exchange.edge_client import HeadReply
from device_runtime.link.link import PACKET_HEADER_BYTES, LinkMeter, Transfer, measure_link
from device_runtime.link.link_tracking import MovingLink, SteadyLink
from edgent.bandwidth.last_value import LastValueForecast
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
    """What goes as expected confirms both bandwidths, each with the weight of its share of the exchange."""
    meter = LinkMeter(link, lambda: 0.0)
    seconds = IdealLink(link).seconds(up, down)
    seen = meter.observe(Transfer(up, down, seconds))
    bandwidths = (link.upload_bps, link.download_bps)
    for observation, size_bytes, bandwidth_bps in zip(seen, (up, down), bandwidths, strict=True):
        assert observation.bandwidth_bps == pytest.approx(bandwidth_bps, rel=1e-4)
        moving_s = 8 * (size_bytes + PACKET_HEADER_BYTES) / bandwidth_bps
        assert observation.weight == pytest.approx(max(moving_s / seconds, 1e-3), rel=1e-4)
    assert meter.link.round_trip_s == pytest.approx(link.round_trip_s)


@given(factor=st.floats(0.01, 0.1), round_trip_s=st.sampled_from([0.002, 0.05, 0.2]))
def test_a_collapse_of_the_upload_is_seen_at_once(factor: float, round_trip_s: float) -> None:
    """When it falls, one exchange of some kB shows about where to, and more of them where exactly."""
    before, after = Link(round_trip_s, 1e6, 1e7), Link(round_trip_s, 1e6 * factor, 1e7)
    meter = LinkMeter(before, lambda: 0.0)
    up, down = meter.observe(Transfer(8000, 400, IdealLink(after).seconds(8000, 400)))
    assert up.bandwidth_bps < 1e6 * factor**0.5
    assert up.weight > 0.2
    assert down.weight < 0.02
    for size_bytes in (3000, 11000, 5000, 14000) * 5:
        up, _ = meter.observe(Transfer(size_bytes, 400, IdealLink(after).seconds(size_bytes, 400)))
    assert up.bandwidth_bps == pytest.approx(1e6 * factor, rel=0.25)


@pytest.mark.parametrize("round_trip_s", [0.002, 0.05, 0.2])
def test_another_round_trip_is_no_other_bandwidth(round_trip_s: float) -> None:
    """The trip becomes longer or shorter under way: after some frames of usual sizes within 10 %."""
    meter = LinkMeter(Link(0.02, 1e6, 5e6), lambda: 0.0)
    tracker = SteadyLink(meter)
    rng, other = random.Random(3), IdealLink(Link(round_trip_s, 1e6, 5e6))
    for number in range(100):
        link = IdealLink(Link(0.02, 1e6, 5e6)) if number < 20 else other
        sizes = rng.choice([3000, 6000, 11000]), rng.choice([400, 4000])
        noise = rng.uniform(0.99, 1.01)
        tracker.follow(*meter.observe(Transfer(*sizes, noise * link.seconds(*sizes))))
    assert meter.link.upload_bps == pytest.approx(1e6, rel=0.1)
    assert meter.link.round_trip_s == pytest.approx(round_trip_s, rel=0.1, abs=0.002)


def test_bytes_behind_the_first_tell_of_the_download_alone() -> None:
    """A download that fell to a tenth is seen exactly, and the upload is about what it was."""
    meter = LinkMeter(Link(0.02, 1e6, 1e7), lambda: 0.0)
    trailing_s = 8 * (20_000 + PACKET_HEADER_BYTES) / 1e6
    seconds = IdealLink(Link(0.02, 1e6, 1e6)).seconds(3000, 1500) + trailing_s
    up, down = meter.observe(Transfer(3000, 21_500, seconds, 20_000, trailing_s))
    assert down.bandwidth_bps == pytest.approx(1e6)
    assert down.weight > 0.9
    assert up.bandwidth_bps == pytest.approx(1e6, rel=0.35)


def test_few_bytes_behind_the_first_came_in_a_packet_of_their_own() -> None:
    """As gRPC's answers do, whose headers come first: the packet's header is most of what took time."""
    link = Link(0.002, 2e6, 2e5)
    meter = LinkMeter(link, lambda: 0.0)
    trailing_s = 8 * (87 + PACKET_HEADER_BYTES) / link.download_bps
    for _ in range(20):
        seconds = IdealLink(link).seconds(3000, 21) + trailing_s
        _, down = meter.observe(Transfer(3000, 108, seconds, 87, trailing_s))
    assert down.bandwidth_bps == pytest.approx(link.download_bps)
    in_one_s = IdealLink(meter.link).seconds(3000, 108)
    assert in_one_s == pytest.approx(seconds, rel=0.01), "one more packet header, of 3 ms, is counted"


def test_an_exchange_faster_than_the_round_trip_is_no_infinite_bandwidth() -> None:
    """Noise below the round trip is bounded: at most ten times what was believed."""
    meter = LinkMeter(Link(0.05, 1e6, 1e6), lambda: 0.0)
    up, down = meter.observe(Transfer(1000, 1000, 0.03))
    assert 1e6 < up.bandwidth_bps <= 2e7
    assert 1e6 < down.bandwidth_bps <= 2e7


def test_what_a_pause_costs_is_learnt_apart() -> None:
    """Each exchange after a pause takes 80 ms longer; the link is as slow to begin only after a pause."""
    now_s = 0.0
    meter, link = LinkMeter(Link(0.01, 1e6, 1e6), lambda: now_s), IdealLink(Link(0.01, 1e6, 1e6))
    for number in range(40):
        after_pause = number % 4 == 3
        seconds = link.seconds(3000, 500) + 0.08 * after_pause
        now_s += (5.0 if after_pause else 0.1) + seconds
        meter.observe(Transfer(3000, 500, seconds))
    assert meter.link.round_trip_s == pytest.approx(0.01, abs=0.002)
    now_s += 5.0
    assert meter.link.round_trip_s == pytest.approx(0.09, abs=0.004)


def test_probes_wait_for_no_window_where_the_round_trip_is_long() -> None:
    """At 200 ms no probe is longer than what TCP sends at once, or waiting would count as moving."""
    sizes_bytes = []

    class SlowStart(IdealLink):
        def seconds(self, up_bytes: int, down_bytes: int) -> float:
            sizes_bytes.append(max(up_bytes, down_bytes))
            waits = sum(size_bytes > 14_600 for size_bytes in (up_bytes, down_bytes))
            return super().seconds(up_bytes, down_bytes) + waits * self.link.round_trip_s

    measured = measure_link(SlowStart(Link(0.2, 2e7, 4e7)).probe)
    assert max(sizes_bytes) < 14_600
    assert measured.link.upload_bps == pytest.approx(2e7, rel=0.1)
    assert measured.link.download_bps == pytest.approx(4e7, rel=0.1)


def test_a_dead_link_is_0_both_ways() -> None:
    """And may be believed in again."""
    meter = LinkMeter(Link(0.01, 1e6, 4e6), lambda: 0.0)
    meter.settle(0.0, 0.0)
    assert meter.link == Link(0.01, 0.0, 0.0)
    meter.settle(2e6, 8e6)
    assert meter.link == Link(0.01, 2e6, 8e6)


@pytest.mark.parametrize("held_up_s", [0.06, 0.3, 1.0])
def test_a_quick_link_is_believed_again_after_an_exchange_that_was_held_up(held_up_s: float) -> None:
    """One exchange waits; the probes after it are as quick as before, and so short that they tell little."""
    link = Link(1e-3, 100e6, 100e6)
    meter = LinkMeter(link)
    up, down = LastValueForecast(), LastValueForecast()
    moving = MovingLink(meter, up, down)

    def exchange(up_bytes: int, down_bytes: int, more_s: float = 0.0) -> None:
        seconds = 1e-3 + 8 * (up_bytes + down_bytes + 2 * PACKET_HEADER_BYTES) / 100e6 + more_s
        moving.follow(*meter.observe(Transfer(up_bytes, down_bytes, seconds)))

    for _ in range(30):
        exchange(3000, 400)
    exchange(3000, 400, held_up_s)
    assert meter.link.upload_bps < 1e6
    for _ in range(4):
        exchange(850, 300)
        exchange(350, 800)
    assert min(meter.link.upload_bps, meter.link.download_bps) > 5e6
    assert meter.link.round_trip_s < 5e-3
