"""A request and a probe of the link: one after the other, within the time that the request has."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import numpy as np
import pytest

from device_runtime.deadline import Deadline
from device_runtime.edges.edge_session import EdgeSession
from device_runtime.edges.head_checks import HeadChecks
from device_runtime.edges.head_roster import HeadRoster
from device_runtime.link.link import LinkMeter
from device_runtime.link.link_tracking import SteadyLink
from device_runtime.link.probing import ProbeSchedule
from edgent.errors import EdgeTimeoutError
from edgent.planning.link import Link
from tests.device_runtime.edges.test_edge_session import BY_PIPELINE, HEAD, Clock, ask
from tests.device_runtime.let_go_client import Client


def test_a_probe_is_waited_for_no_longer_than_is_said() -> None:
    """Once it has ended it has measured the link, and the head is asked; nothing else is waited for."""
    client, clock = Client(), Clock()
    session = EdgeSession(
        client,
        HeadRoster([(), (HEAD, BY_PIPELINE)], clock),
        HeadChecks(Client(), clock),
        clock,
        tracker=SteadyLink(LinkMeter(Link(0.002, 1e6, 1e6))),
        probes=ProbeSchedule(4096.0, clock),
    )
    session.wait_for_probe(Deadline(clock() + 3600, clock))
    client.let_go.clear()
    clock.now_s += 1
    session.probe_if_due(())
    enough: Future[None] = Future()
    enough.set_result(None)
    session.wait_for_probe(Deadline(clock() - 1, clock))
    session.wait_for_probe(Deadline(clock() + 3600, clock), enough)
    with pytest.raises(EdgeTimeoutError, match="a probe of the link"):
        session.write(HEAD, np.zeros(1), "raw", "float32", 0.1)
    threading.Timer(0.02, client.let_go.set).start()
    session.wait_for_probe(Deadline(clock() + 3600, clock))
    assert session.is_free
    assert ask(session).frame is not None
    assert [what.split()[0] for what in client.asked] == ["probe", HEAD.endpoint]
    session.close()
