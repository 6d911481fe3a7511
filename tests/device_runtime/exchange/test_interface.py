"""Which of two interfaces is kept."""

from __future__ import annotations

import logging
from typing import Any, cast

import pytest

from device_runtime.deadline import Deadline
from device_runtime.exchange.edge_client import HeadReply
from device_runtime.exchange.interface import quicker
from edgent.errors import EdgeUnreachableError


class Client:
    """Answers probes in given times; None is an error."""

    def __init__(self, *times_s: float | None, url: str = "http://edge:8080") -> None:
        self._times_s, self.url = list(times_s), url
        self.closed = False
        self.patience_s = 0.0

    def probe(self, upload_bytes: int, download_bytes: int, deadline: Deadline) -> HeadReply:
        """The next time."""
        self.patience_s = deadline.left_s()
        took_s = self._times_s.pop(0) if len(self._times_s) > 1 else self._times_s[0]
        if took_s is None:
            raise EdgeUnreachableError("nobody there")
        return HeadReply(b"", took_s, upload_bytes, download_bytes)

    def close(self) -> None:
        """Closed."""
        self.closed = True


def _quicker(*clients: Client) -> Client:
    return cast("Client", quicker(cast("Any", clients), Deadline.after(10)))


def test_the_least_probe_decides() -> None:
    """A slow first probe, which opened the connection, says nothing; the other client is closed."""
    http, grpc = Client(0.08), Client(0.5, 0.04)
    assert _quicker(http, grpc) is grpc
    assert http.closed
    assert not grpc.closed


def test_one_that_fails_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """Even if it was quick before; the log says why."""
    http, grpc = Client(0.08), Client(0.01, None, url="grpc://edge:7070")
    with caplog.at_level(logging.INFO, "device_runtime"):
        assert _quicker(http, grpc) is http
    assert caplog.messages == ["grpc://edge:7070 does not answer (nobody there): http://edge:8080 is used"]


def test_one_that_says_nothing_leaves_time_to_the_other() -> None:
    """A firewall that drops packets costs a quarter of the time, not all of it."""
    silent, http = Client(None), Client(0.08)
    assert _quicker(silent, http) is http
    assert silent.patience_s <= 2.5


def test_nobody_answers() -> None:
    """The first client's error is the reason."""
    with pytest.raises(EdgeUnreachableError, match="nobody there"):
        _quicker(Client(None), Client(None))
