"""What the exchange's thread does between exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_runtime.exchange.edge_client import HeadReply
from device_runtime.exchange.exchange_thread import Arrival, ExchangeThread
from edgent.errors import ModelError

if TYPE_CHECKING:
    import pytest


def test_what_fails_between_exchanges_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for it, and the next exchange goes on."""
    thread = ExchangeThread(lambda: 0.0)

    def fail() -> None:
        raise ModelError("no such segment")

    thread.then(fail)
    arrival = Arrival(None, HeadReply(b"", 0.0, 0, 0))
    thread.start(None, 0, lambda: arrival)
    assert thread.under_way is not None
    assert thread.under_way.future.result(10) is arrival
    assert "between two exchanges with the edge: no such segment" in caplog.text
    thread.close()
