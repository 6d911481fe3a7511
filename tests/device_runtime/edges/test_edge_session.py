"""One edge: what is asked, what is waited for, what is learnt of what came too late."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.deadline import Deadline
from device_runtime.early_exits.edge_exits import ExitsInside
from device_runtime.early_exits.share_watch import ShareWatch
from device_runtime.edges.addresses import Address
from device_runtime.edges.edge_session import EdgeSession
from device_runtime.edges.head_checks import HeadChecks
from device_runtime.edges.head_roster import HeadRoster
from device_runtime.link.link import LinkMeter
from device_runtime.link.link_tracking import SteadyLink
from device_runtime.link.probing import ProbeSchedule
from edgent.accuracy.exit_rule_file import SureInputs
from edgent.core.frame_exits import ExitsAsked, ExitsToAsk
from edgent.errors import (
    EdgeBusyError,
    EdgeError,
    EdgentError,
    EdgeTimeoutError,
    EdgeUnreachableError,
    HeadAbsentError,
    HeadRefusedError,
    QueueFullError,
)
from edgent.exits.rules.share_drift import AtExit
from edgent.graph.tensor import Tensor
from edgent.planning.link import Link
from tests.device_runtime.let_go_client import Client, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from device_runtime.edges.addresses import Addresses
    from edgent.network import Network

TAKES = Tensor("image", (3, 8, 8), "uint8")
HEAD = Address("tiny-p03", "0123", b"head", TAKES)
BY_PIPELINE = Address("tiny", "0123", b"window", TAKES)
CUT = Tensor("cut", (4,), "float32")


class Clock:
    """Seconds that pass when told to."""

    now_s = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    """A clock of its own."""
    return Clock()


@pytest.fixture
def client() -> Client:
    """A client that answers at once."""
    return Client()


@pytest.fixture
def checker() -> Client:
    """What asks whether heads are ready; it answers at once."""
    return Client()


@pytest.fixture
def session(client: Client, checker: Client, clock: Clock) -> Iterator[EdgeSession]:
    """A session on a steady link of 1 Mbit/s."""
    made = EdgeSession(
        client,
        HeadRoster([(), (HEAD, BY_PIPELINE)], clock),
        HeadChecks(checker, clock),
        clock,
        tracker=SteadyLink(LinkMeter(Link(0.002, 1e6, 1e6))),
        probes=ProbeSchedule(4096.0, clock),
    )
    yield made
    made.close()


def ask(
    session: EdgeSession, wait_s: float = 10.0, prepare: Callable[[], object] = lambda: None, **options: Any
) -> Any:
    """Ask the head and wait so long."""
    wait_until = Deadline(100.0 + wait_s, lambda: 100.0)
    send(session, HEAD, wait_until, prepare, **options)
    return session.answer(HEAD, wait_until=wait_until)


def settle(session: EdgeSession) -> None:
    """Wait for what is under way, and collect it."""
    under_way = session.under_way
    assert under_way is not None
    under_way.exception(10)
    session.collect()


def hear(session: EdgeSession) -> None:
    """Wait for what is said to a question, and take it in."""
    under_way = session._checks.under_way
    assert under_way is not None
    under_way.result(10)
    session.collect()


def test_an_answer_in_time_is_taken(session: EdgeSession) -> None:
    """The head's compute time is no part of the link's, and the head counts as ready."""
    arrival = ask(session)
    assert arrival.transfer.seconds == pytest.approx(0.04)
    assert session.activation(HEAD, arrival, CUT).shape == (1, 4)
    assert session.roster.is_ready((HEAD,))
    assert session.is_free


@pytest.mark.parametrize(
    ("error", "asked"), [(QueueFullError("full"), ["reopen"]), (EdgeUnreachableError("gone"), [])]
)
def test_a_refusal_closes_the_connection_which_is_opened_again(
    session: EdgeSession, client: Client, error: EdgeError, asked: list[str]
) -> None:
    """Beside what the device does then; who is not there is left to the next request."""
    client.error = error
    with pytest.raises(type(error)):
        ask(session)
    client.error = None
    ask(session)  # behind it in the same thread
    assert client.asked == [HEAD.endpoint, *asked, HEAD.endpoint]


def test_an_answer_too_late_is_nobodys_but_measures_the_link(session: EdgeSession, client: Client) -> None:
    """It goes on in the background; until it was collected the edge counts as busy."""
    client.let_go.clear()
    with pytest.raises(EdgeTimeoutError, match="had not answered"):
        ask(session, wait_s=0.0)
    assert session.is_busy
    assert session.trouble((HEAD,)) == f"{HEAD} has not answered an earlier request"
    with pytest.raises(EdgeTimeoutError, match="still under way"):
        session.write(HEAD, np.zeros(1), "raw", "float32", 0.1)
    assert session.tracker is not None
    before_bps = session.tracker.meter.link.upload_bps
    client.let_go.set()
    settle(session)
    assert (session.is_free, session.trouble((HEAD,))) == (True, None)
    assert session.roster.is_ready((HEAD,))
    assert session.tracker.meter.link.upload_bps != before_bps


def test_one_that_is_waited_for_again_is_taken(session: EdgeSession, client: Client) -> None:
    """An answer of another edge ends the second wait as well."""
    client.let_go.clear()
    with pytest.raises(EdgeTimeoutError):
        ask(session, wait_s=0.0)
    other = Future[None]()
    other.set_result(None)
    with pytest.raises(EdgeTimeoutError, match="as good an answer"):
        session.answer(HEAD, wait_until=Deadline(110.0, lambda: 100.0), unless=[other])
    client.let_go.set()
    assert session.answer(HEAD, wait_until=Deadline(110.0, lambda: 100.0)).frame is not None
    assert session.is_free


def test_answers_that_came_too_late_say_when_others_are_overdue(session: EdgeSession, client: Client) -> None:
    """They take 50 ms, of 1 s that was expected."""
    for number in range(6):
        if number % 2:
            ask(session)
            continue
        client.let_go.clear()
        with pytest.raises(EdgeTimeoutError):
            ask(session, wait_s=0.0)
        client.let_go.set()
        settle(session)
    assert session.punctuality.overdue_after_s(1.0) == pytest.approx(0.05)


@pytest.mark.parametrize("wait_s", [10.0, 0.0], ids=["in time", "too late"])
def test_exits_that_the_edge_asked_count_once(
    client: Client, session: EdgeSession, tiny_network: Network, wait_s: float
) -> None:
    """Whether the answer came in time or not: what leaves early comes sooner."""
    session._shares = shares = ShareWatch(["exit1"], {"raw": [SureInputs((), 10, (9, 9))]}, Path("tiny.yaml"))
    exits = ExitsInside(tiny_network.graph.paths, ExitsToAsk("margin", (HEAD.identity,), (0.5,)))
    client.exits = ExitsAsked(0)
    client.let_go.clear()
    if wait_s:
        client.let_go.set()
        assert ask(session, wait_s, exits=exits).left_at == tiny_network.graph.paths[0]
    else:
        with pytest.raises(EdgeTimeoutError):
            ask(session, wait_s, exits=exits)
        client.let_go.set()
        settle(session)
    assert list(shares.running.values()) == [AtExit(1, 1)]


def test_an_answer_that_overtakes_is_the_heads_own(session: EdgeSession, client: Client) -> None:
    """Another head's is left where it is."""
    client.let_go.clear()
    with pytest.raises(EdgeTimeoutError):
        ask(session, wait_s=0.0)
    assert session.overtaken(HEAD) is None
    client.let_go.set()
    assert session.under_way is not None
    session.under_way.result(10)
    assert session.overtaken(BY_PIPELINE) is None
    arrival = session.overtaken(HEAD)
    assert arrival is not None
    assert arrival.frame is not None
    assert session.overtaken(HEAD) is None


def test_failures_in_a_row_open_the_breaker(session: EdgeSession, client: Client, clock: Clock) -> None:
    """The reason stays with it; a probe that comes back closes it."""
    client.error = EdgeUnreachableError("no connection")
    for _ in range(3):
        with pytest.raises(EdgeUnreachableError):
            ask(session)
    assert session.absence == session.trouble((HEAD,)) == "EdgeUnreachableError: no connection"
    assert not session.is_free
    with pytest.raises(EdgeUnreachableError, match="left alone; at last: EdgeUnreachableError"):
        session.write(HEAD, np.zeros(1), "raw", "float32", 0.1)
    client.error = None
    session.probe_if_due((HEAD,))
    assert not session.is_busy, "its pause is not over"
    clock.now_s += 5
    session.probe_if_due((HEAD,))
    settle(session)
    assert session.absence is None


@pytest.mark.parametrize("error", [EdgeBusyError("a full queue"), HeadRefusedError("another model")])
def test_a_head_that_says_no_is_no_absent_edge(
    session: EdgeSession, client: Client, error: EdgeError
) -> None:
    """The breaker stays closed, and the head has to say that it is ready."""
    session.roster.answered(HEAD)
    client.error = error
    for _ in range(4):
        with pytest.raises(type(error)):
            ask(session)
    assert session.absence is None
    assert not session.roster.is_ready((HEAD,))


def test_what_nobody_thought_of_is_an_edge_error(session: EdgeSession, client: Client) -> None:
    """A request is answered here all the same."""
    client.error = ZeroDivisionError("a mistake of ours")
    with pytest.raises(EdgeError, match="in a way of its own: ZeroDivisionError"):
        ask(session)


def test_an_answer_that_nothing_here_can_take_is_an_edge_error(session: EdgeSession) -> None:
    """Such as a tail that cannot be loaded."""

    def fail() -> None:
        raise EdgentError("no room for the tail")

    with pytest.raises(EdgeError, match="nothing here can work with it: no room"):
        ask(session, prepare=fail)


def test_an_activation_of_another_shape_is_refused(session: EdgeSession) -> None:
    """The head has to say that it is ready before it is asked again."""
    arrival = ask(session)
    session.roster.answered(HEAD)
    with pytest.raises(HeadRefusedError, match=r"shape \(1, 4\), the tail takes float32 of shape \(1, 9\)"):
        session.activation(HEAD, arrival, Tensor("cut", (9,), "float32"))
    assert not session.roster.is_ready((HEAD,))


def test_a_head_is_checked_beside_the_requests(session: EdgeSession, client: Client, checker: Client) -> None:
    """What it says is heard when it is collected; until then the edge may be asked, and no other question."""
    checker.let_go.clear()
    session.check((HEAD, BY_PIPELINE))
    session.check((BY_PIPELINE,))
    assert session.is_free
    ask(session)
    checker.let_go.set()
    hear(session)
    assert (client.asked, checker.asked) == ([HEAD.endpoint], [f"check {HEAD}"])
    assert session.roster.is_ready((HEAD,))


def test_a_head_that_is_not_there_has_the_pipeline_asked(session: EdgeSession, checker: Client) -> None:
    """In the same question, which closes no breaker and opens none."""
    checker.refuses = {HEAD.endpoint: HeadAbsentError("no such head")}
    session.check((HEAD, BY_PIPELINE))
    hear(session)
    assert checker.asked == [f"check {HEAD}", f"check {BY_PIPELINE}"]
    assert not session.roster.is_ready((HEAD,))
    assert session.roster.to_ask((HEAD, BY_PIPELINE)) == BY_PIPELINE
    assert session.absence is None


def test_a_better_address_is_asked_after_between_requests(
    session: EdgeSession, checker: Client, clock: Clock
) -> None:
    """Once its pause is over; when it is ready it is the one that requests ask."""
    addresses = (HEAD, BY_PIPELINE)
    session.roster.answered(BY_PIPELINE)
    session.roster.failed(HEAD, HeadAbsentError("no such head"))
    session.probe_if_due(addresses)
    assert checker.asked == []
    clock.now_s += 2
    session.probe_if_due(addresses)
    assert session.is_free
    hear(session)
    assert session.roster.to_ask(addresses) == HEAD
    session.probe_if_due(addresses)
    assert checker.asked == [f"check {HEAD}"]


def test_a_question_that_fails_costs_no_request(session: EdgeSession, checker: Client) -> None:
    """Whatever goes wrong with it, or with what is made ready here."""

    def fail() -> None:
        raise EdgentError("no room for the layers")

    session.check((HEAD,), fail)
    hear(session)
    checker.error = ZeroDivisionError("a mistake of ours")
    session.check((HEAD,))
    hear(session)
    assert not session.roster.is_ready((HEAD,))
    assert session.absence is None, "two failures are no three"


@pytest.mark.parametrize(("addresses", "is_crossed"), [((), True), ((HEAD,), False)])
def test_a_link_that_no_request_crosses_is_probed(
    session: EdgeSession, client: Client, clock: Clock, addresses: Addresses, is_crossed: bool
) -> None:
    """Not one that requests cross, and within the budget of bytes; another edge's cross another link."""
    clock.now_s += 1
    session.probe_if_due((HEAD,))
    assert client.asked == []
    session.probe_if_due(addresses, is_crossed=is_crossed)
    assert session.trouble(addresses) is None, "a probe is none"
    settle(session)
    session.probe_if_due(())
    assert len(client.asked) == 1, "the next one is not due"


def test_a_lost_frame_measures_the_link_too(session: EdgeSession, client: Client, clock: Clock) -> None:
    """What it sent did not come back in all the time that it had."""
    client.let_go.clear()
    with pytest.raises(EdgeTimeoutError):
        ask(session, wait_s=0.0)
    client.error = EdgeTimeoutError("no answer within 2 s")
    clock.now_s += 2
    client.let_go.set()
    settle(session)
    assert session.tracker is not None
    assert session.tracker.meter.link.upload_bps < 1e6


def test_an_edge_that_was_gone_at_the_start_is_left_alone(
    client: Client, checker: Client, clock: Clock
) -> None:
    """Until a probe comes back; without a planner a head is asked in its place."""
    made = EdgeSession(
        client, HeadRoster((), clock), HeadChecks(checker, clock), clock, start_error="no connection"
    )
    assert made.absence == made.start_error == "no connection"
    made.probe_if_due((HEAD,))
    hear(made)
    assert checker.asked == [f"check {HEAD}"]
    assert made.is_free
    made.close()


def test_closing_ends_what_is_under_way(session: EdgeSession, client: Client) -> None:
    """Nobody waits for it, and nothing hangs."""
    client.let_go.clear()
    with pytest.raises(EdgeTimeoutError):
        ask(session, wait_s=0.0)
    session.close()
    assert session.under_way is not None
    assert isinstance(session.under_way.exception(10), EdgeUnreachableError)
