"""Where an edge's clock stands, learnt from exchanges on clocks that the test turns."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_runtime.link.edge_clocks import EdgeClocks
from edgent.core.edge_clock import NO_CLOCK
from edgent.core.stay import SentAt, Stay

EDGE, OTHER = b"edge", b"else"
AHEAD_S = 1000.0


class World:
    """A device, edges whose clocks are ahead of its own, and a link between them."""

    def __init__(self, ahead_s: float = AHEAD_S, drift: float = 0.0) -> None:
        self.now_s = 50.0
        self.ahead_s, self.drift = ahead_s, drift
        self.clocks = EdgeClocks(lambda: self.now_s)

    def edge_s(self, ahead_s: float | None = None) -> float:
        """What the edge's clock shows now."""
        ahead_s = self.ahead_s if ahead_s is None else ahead_s
        return self.now_s + ahead_s + self.drift * (self.now_s - 50.0)

    def exchange(
        self,
        up_s: float,
        down_s: float,
        held_s: float = 0.01,
        clock: bytes = EDGE,
        ahead_s: float | None = None,
    ) -> Stay:
        """One exchange: its way up with its queue, its stay, its way down."""
        sent_s = self.now_s
        self.now_s += up_s
        began_us = round(self.edge_s(ahead_s) * 1e6)
        self.now_s += held_s
        stay = Stay(clock, began_us, held_s, 0.0)
        self.now_s += down_s
        self.clocks.learn(sent_s, self.now_s, stay)
        return stay

    def offset(self, clock: bytes | None = None) -> tuple[float, float]:
        """The bounds that are believed."""
        offset = self.clocks.offset(clock)
        assert offset is not None
        return offset.low_s, offset.high_s


def test_nothing_is_known_at_first() -> None:
    """A request then asks for the clock, and names no time on it."""
    world = World()
    assert world.clocks.offset() is None
    assert world.clocks.sent_now() == SentAt(NO_CLOCK, 0)
    assert world.clocks.waited_s(50.0, Stay(EDGE, 0, 0.0, 0.0)) is None


def test_half_the_round_trip() -> None:
    """The error of one exchange is half of what it took beyond its stay."""
    world = World()
    world.exchange(0.03, 0.01)
    offset = world.clocks.offset()
    assert offset is not None
    assert offset.high_s - offset.likely_s == pytest.approx(0.02, abs=1e-4)
    assert offset.low_s <= AHEAD_S <= offset.high_s


def test_the_best_of_recent_ones_counts() -> None:
    """A long upload bounds it well from below, a long download from above: together they bound it well."""
    world = World()
    world.exchange(2.0, 0.001)
    world.exchange(0.001, 2.0)
    low_s, high_s = world.offset()
    assert high_s - low_s < 0.01
    assert low_s <= AHEAD_S <= high_s


def test_bounds_move_apart() -> None:
    """Clocks drift by a thousandth at most: after a minute without an exchange it may be 60 ms off."""
    world = World()
    world.exchange(0.001, 0.001)
    world.now_s += 60
    low_s, high_s = world.offset()
    assert high_s - low_s == pytest.approx(0.12, abs=0.003)


def test_a_queue_before_the_worker_misleads_nobody() -> None:
    """Who was idle for minutes and then meets a queue knows from before what its way there takes."""
    world = World()
    world.exchange(0.001, 0.001)
    world.now_s += 200
    for _ in range(3):
        sent_s = world.now_s
        stay = world.exchange(0.301, 0.001)
        assert world.clocks.waited_s(sent_s, stay) == pytest.approx(0.301, abs=0.003)
        assert world.clocks.came_back_s(world.now_s, stay) == pytest.approx(0.001, abs=0.003)


def test_a_later_exchange_tells_more_where_clocks_went_apart() -> None:
    """The bounds of an exchange a while ago hold, but what was likely then lies beyond those of now."""
    world = World(drift=5e-4)
    world.exchange(0.001, 0.001)
    world.now_s += 200
    stay = world.exchange(0.05, 0.001)
    assert world.clocks.came_back_s(world.now_s, stay) == pytest.approx(0.001, abs=0.06)
    low_s, high_s = world.offset()
    assert low_s <= world.edge_s() - world.now_s <= high_s


def test_a_request_is_written_when_it_likely_is() -> None:
    """However long its device was idle: bounds move apart with time, and the middle stays where it was."""
    world = World()
    world.exchange(0.01, 0.01)
    world.now_s += 200
    sent = world.clocks.sent_now()
    assert sent is not None
    assert sent.clock == EDGE
    assert sent.at_us / 1e6 == pytest.approx(world.edge_s(), abs=1e-4)


def test_several_hosts_behind_one_name() -> None:
    """Each clock is known by itself; a request carries times of the one that answered last."""
    world = World()
    for _ in range(3):
        world.exchange(0.001, 0.001)
        world.exchange(0.001, 0.001, clock=OTHER, ahead_s=-7.0)
    assert world.offset(EDGE)[0] == pytest.approx(AHEAD_S, abs=0.002)
    assert world.offset(OTHER)[0] == pytest.approx(-7.0, abs=0.002)
    sent = world.clocks.sent_now()
    assert sent is not None
    assert sent.clock == OTHER


def test_a_clock_that_was_set_or_stood_still() -> None:
    """A host that slept or was cloned has the same name for another clock: it is learnt anew."""
    world = World()
    world.exchange(0.001, 0.001)
    world.exchange(0.001, 0.001, ahead_s=AHEAD_S - 30)
    low_s, high_s = world.offset()
    assert low_s <= AHEAD_S - 30 <= high_s
    assert high_s - low_s < 0.01


def test_an_answer_from_nowhere_teaches_nothing() -> None:
    """A stay longer than its exchange is no time of this world."""
    world = World()
    world.clocks.learn(50.0, 50.1, Stay(EDGE, 7, 5.0, 0.0))
    assert world.clocks.offset() is None


def test_only_so_many_clocks_are_remembered() -> None:
    """A name with a host for each answer fills no memory; the latest are known."""
    world = World()
    for number in range(100):
        world.exchange(0.001, 0.001, clock=number.to_bytes(4, "big"))
    assert world.clocks.offset((99).to_bytes(4, "big")) is not None
    assert world.clocks.offset(bytes(4)) is None


def test_an_edge_of_before_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is told it from then on."""
    world = World()
    with caplog.at_level(logging.WARNING):
        world.clocks.not_told("tiny-p02")
        world.clocks.not_told("tiny-p02")
    (said,) = [record.message for record in caplog.records if "tells no times" in record.message]
    assert said.startswith("tiny-p02 is of an earlier edgent and tells no times: budgets count from when")
    assert said.endswith("build its archives again")
    assert world.clocks.sent_now() is None
    assert not world.clocks.are_told


@given(
    ahead_s=st.floats(0, 1e6),
    drift=st.floats(-1e-3, 1e-3),
    ways=st.lists(
        st.tuples(st.floats(0, 3), st.floats(0, 3), st.floats(0, 1), st.floats(0, 60)), max_size=12
    ),
)
def test_what_a_request_names_is_within_the_bounds(
    ahead_s: float, drift: float, ways: list[tuple[float, float, float, float]]
) -> None:
    """Whatever exchanges took, and however the clocks drift: the truth is within them, too."""
    world = World(ahead_s, drift)
    for up_s, down_s, held_s, pause_s in ways:
        world.exchange(up_s, down_s, held_s)
        world.now_s += pause_s
        sent = world.clocks.sent_now()
        assert sent is not None
        assert sent.clock == EDGE
        low_s, high_s = world.offset()
        assert low_s - 1e-5 <= sent.at_us / 1e6 - world.now_s <= high_s + 1e-5
        assert low_s - 1e-5 <= world.edge_s() - world.now_s <= high_s + 1e-5
