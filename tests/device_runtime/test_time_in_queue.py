"""What a session learns of the time that its requests queued on the edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import Address
from device_runtime.edges.edge_session import EdgeSession
from device_runtime.edges.head_checks import HeadChecks
from device_runtime.edges.head_roster import HeadRoster
from device_runtime.exchange.edge_client import HeadReply
from device_runtime.link.edge_clocks import EdgeClocks
from device_runtime.link.link import LinkMeter
from device_runtime.link.link_tracking import SteadyLink
from edgent.core.stay import Stay
from edgent.core.wire import Frame
from edgent.errors import ExpiredError, QueueFullError
from edgent.graph.tensor import Tensor
from edgent.planning.link import Link
from tests.device_runtime.let_go_client import send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from device_runtime.exchange.exchange_thread import Arrival

HEAD = Address("tiny-p03", "0123", b"head", Tensor("image", (3, 8, 8), "uint8"))
NOW_S = 100.0


class Client:
    """Answers after 650 ms, or fails, as the test says."""

    def __init__(self) -> None:
        self.times: Stay | None = None
        self.error: ExpiredError | QueueFullError | None = None

    def exchange(self, *_: Any) -> HeadReply:
        """One exchange."""
        if self.error is not None:
            raise self.error
        return HeadReply(b"", 0.65, 4000, 100, sent_s=NOW_S)

    def read_reply(self, *_: Any) -> Frame:
        """Four zeros, for which the head computed 10 ms."""
        zeros = np.zeros((1, 4), np.float32)
        return Frame(zeros, "float32", bytes(8), seconds=0.01, times=self.times)

    def _nothing(self, *_: Any) -> Any:
        """What these tests do not ask."""

    write_request = check = probe = reopen = abandon = close = _nothing


@pytest.fixture
def client() -> Client:
    """That client."""
    return Client()


@pytest.fixture
def session(client: Client) -> Iterator[EdgeSession]:
    """A session on a steady link of 1 Mbit/s whose edge's clock, known well, is 500 s ahead."""
    clocks = EdgeClocks(lambda: NOW_S)
    clocks.learn(NOW_S - 0.001, NOW_S, Stay(b"edge", 599_999_500, 0.0, 0.0))
    made = EdgeSession(
        client,
        HeadRoster([(), (HEAD,)], lambda: NOW_S),
        HeadChecks(client, lambda: NOW_S),
        lambda: NOW_S,
        tracker=SteadyLink(LinkMeter(Link(0.002, 1e6, 1e6))),
        clocks=clocks,
    )
    yield made
    made.close()


def _ask(session: EdgeSession, expected_s: float = 1.0, awaited_s: float = 10.0) -> Arrival:
    send(session, HEAD, Deadline(NOW_S + awaited_s, lambda: NOW_S), expected_s=expected_s)
    return session.answer(HEAD, wait_until=Deadline(NOW_S + 10, lambda: NOW_S))


def _meter(session: EdgeSession) -> LinkMeter:
    assert session.tracker is not None
    return session.tracker.meter


def test_time_in_the_queue_is_the_edges_load(session: EdgeSession, client: Client) -> None:
    """It is in no answer's way on the link, and the next plans count with it."""
    client.times = Stay(b"edge", 600_600_000, 0.01, 0.4)
    arrival = _ask(session)
    assert arrival.queue_s == pytest.approx(0.4, abs=0.001)
    assert arrival.transfer.seconds == pytest.approx(0.65 - 0.01 - 0.4, abs=0.001)
    assert arrival.timeline(0.0).edge_s == pytest.approx(0.01)
    assert arrival.timeline(0.0).total_s == pytest.approx(0.65)
    before_s = _meter(session).link.round_trip_s
    session.observe(arrival.transfer)
    assert _meter(session).load.is_busy
    assert _meter(session).link.round_trip_s > before_s + 0.1


@pytest.mark.parametrize("times", [None, Stay(b"else", 600_600_000, 0.01, 0.4)])
def test_where_no_clock_tells_the_queue_is_in_the_links_time(
    session: EdgeSession, client: Client, times: Stay | None
) -> None:
    """An edge of before, or a clock that is not known yet."""
    client.times = times
    arrival = _ask(session)
    assert arrival.queue_s is None
    assert arrival.transfer.seconds == pytest.approx(0.64)
    session.observe(arrival.transfer)
    assert not _meter(session).load.is_busy


def test_what_expired_says_how_busy_the_edge_is(session: EdgeSession, client: Client) -> None:
    """Its endpoint stays ready: a worker of it answered."""
    session.roster.answered(HEAD)
    client.error = ExpiredError("tiny-p03 computed nothing", Stay(b"edge", 0, 0.0, 0.3))
    client.error.waited_s = 0.9
    with pytest.raises(ExpiredError):
        _ask(session)
    assert _meter(session).load.queue_s > 0.05
    assert _meter(session).refusals.chance == pytest.approx(0.3, abs=0.01)
    assert session.roster.is_ready((HEAD,))
    assert session.is_free, "the breaker is closed"


def test_a_full_queue_is_an_edge_that_refuses(session: EdgeSession, client: Client) -> None:
    """Less so with each answer."""
    client.error = QueueFullError("its queue is full")
    with pytest.raises(QueueFullError):
        _ask(session)
    refused = _meter(session).refusals.chance
    client.error = None
    _ask(session)
    assert 0 < _meter(session).refusals.chance < refused


def test_what_expired_on_a_link_that_collapsed_shows_the_link(session: EdgeSession, client: Client) -> None:
    """The worker was idle, so all of the time is the link's: 4,000 bytes in 1.6 s."""
    before_bps = _meter(session).link.upload_bps
    client.error = ExpiredError("tiny-p03 computed nothing", Stay(b"edge", 0, 0.0, 0.0), 4000, 200)
    client.error.exchange_s = client.error.waited_s = 1.6
    for _ in range(20):
        with pytest.raises(ExpiredError):
            _ask(session)
    assert _meter(session).link.upload_bps < 0.1 * before_bps
    assert _meter(session).load.queue_s == 0
    assert _meter(session).refusals.chance == 0


@pytest.mark.parametrize(
    ("expected_s", "awaited_s", "stay", "counts"),
    [
        pytest.param(
            0.3, 0.5, Stay(b"edge", 600_600_000, 0.01, 0.4), True, id="it queued for most of the time"
        ),
        pytest.param(0.3, 0.7, Stay(b"edge", 600_600_000, 0.01, 0.4), False, id="in time"),
        pytest.param(0.6, 0.5, Stay(b"edge", 600_600_000, 0.01, 0.4), False, id="nobody expected it in time"),
        pytest.param(0.3, 0.5, Stay(b"edge", 600_600_000, 0.01, 0.1), False, id="the link was slow"),
    ],
)
def test_what_comes_too_late_for_the_queue_counts_as_refused(
    session: EdgeSession, client: Client, expected_s: float, awaited_s: float, stay: Stay, counts: bool
) -> None:
    """The answer took 650 ms. Plans know the mean of queues already, and not how often one is longer."""
    client.times = stay
    _ask(session, expected_s, awaited_s)
    assert (_meter(session).refusals.chance > 0) == counts
