"""An edge that never answers: it tells the device at once, or falls silent until it is left."""

from __future__ import annotations

import time
from threading import Timer
from typing import Any

import pytest

from benchmarks.studies.rescue.dying_edge import Death, DyingClient, dying_edge
from device_runtime.deadline import Deadline
from edgent.errors import EdgeTimeoutError, EdgeUnreachableError


def test_a_reset_is_told() -> None:
    """At its moment."""
    client, began_s = DyingClient(Death(0.02, "reset"), 0.0), time.perf_counter()
    assert client.write_request() == b"frame"
    with pytest.raises(EdgeUnreachableError, match="reset in the middle"):
        client.exchange(None, b"", Deadline.after(5.0))
    assert time.perf_counter() - began_s > 0.015


def test_silence_ends_when_the_edge_is_left() -> None:
    """Not before."""
    client = DyingClient(Death(0.0, "silence"), 0.0)
    Timer(0.02, client.abandon).start()
    with pytest.raises(EdgeTimeoutError, match="fell silent"):
        client.exchange(None, b"", Deadline.after(5.0))


def test_a_device_waits_no_longer_than_it_wants() -> None:
    """The exchange goes on until the edge is closed."""
    edge = dying_edge(Death(0.0, "silence"), 0.0, time.perf_counter)
    address: Any = "flowers"
    wait_until = Deadline.after(0.01)
    edge.send(
        address,
        b"frame",
        lambda: None,
        afterwards=lambda: None,
        latency_requirement_s=0.1,
        wait_until=wait_until,
    )
    with pytest.raises(EdgeTimeoutError, match="had not answered when the local exit had to start"):
        edge.answer(address, wait_until=wait_until)
    assert edge.is_busy
    edge.close()
