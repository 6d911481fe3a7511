"""What the device does for another request while an edge answers one, and until when it waits then."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from device_runtime.deadline import Deadline
from device_runtime.edges.edge_session import EdgeSession
from device_runtime.edges.head_checks import HeadChecks
from device_runtime.edges.head_roster import HeadRoster
from edgent.errors import EdgeTimeoutError
from tests.device_runtime.edges.test_edge_session import HEAD, Clock, ask, settle
from tests.device_runtime.let_go_client import Client, send

if TYPE_CHECKING:
    from concurrent.futures import Future

    from device_runtime.exchange.exchange_thread import Arrival


def test_what_the_device_does_meanwhile_says_until_when_to_wait() -> None:
    """The edge counts as free for as long, and its answer is not waited for until the time named before."""
    client, clock = Client(), Clock()
    session = EdgeSession(client, HeadRoster([(), (HEAD,)], clock), HeadChecks(Client(), clock), clock)
    client.let_go.clear()
    far, now = Deadline(clock() + 10, clock), Deadline(clock(), clock)
    was_free = list[bool]()

    def meanwhile(_: Future[Arrival]) -> Deadline:
        was_free.append(session.is_free)
        return now

    send(session, HEAD, far)
    with pytest.raises(EdgeTimeoutError, match="had to start"):
        session.answer(HEAD, wait_until=far, beside=meanwhile)
    assert (was_free, session.is_free) == ([True], False)
    client.let_go.set()
    settle(session)
    session.close()


def test_what_an_answer_does_not_need_is_loaded_once_it_is_out() -> None:
    """The device's other layers take seconds to load on a slow one; the next exchange waits for them."""
    clock = Clock()
    session = EdgeSession(Client(), HeadRoster([(), (HEAD,)], clock), HeadChecks(Client(), clock), clock)
    may_load, is_loaded = Event(), Event()

    def load() -> None:
        assert may_load.wait(10)
        is_loaded.set()

    ask(session, afterwards=load)
    assert not is_loaded.is_set()
    may_load.set()
    ask(session)
    assert is_loaded.is_set()
    session.close()
