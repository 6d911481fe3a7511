"""A name server that hangs, and hosts with several addresses."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from edgent.doctor.connecting import connected
from edgent.doctor.sockets import is_on_this_host
from edgent.doctor.visitor import Visitor
from edgent.server_url import ServerUrl

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No name server answers until the test is over."""
    is_over = threading.Event()

    def hang(*_: object, **__: object) -> list[Any]:
        is_over.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield
    is_over.set()


@pytest.mark.usefixtures("hanging")
def test_a_name_server_that_hangs_is_waited_for_no_longer_than_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks: for an address of this machine, for a connection, or for an answer."""
    monkeypatch.setattr("edgent.doctor.sockets._TIMEOUT_S", 0.01)
    monkeypatch.setattr("edgent.doctor.visitor._TIMEOUT_S", 0.01)
    assert not is_on_this_host("edge.local")
    with pytest.raises(TimeoutError, match=r"edge\.local: no address from the name server within 10 ms"):
        connected("edge.local", 80, 0.01)
    reply = Visitor(ServerUrl.parse("http://edge.local:80", "http"), None).ask("GET", "/")
    assert reply.status == 0
    assert b"no address from the name server" in reply.body


def test_the_next_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first takes no connection; the last one's reason is told where none does."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        ports = [bound.getsockname()[1], server.getsockname()[1]]

        def known(*_: object, **__: object) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]

        monkeypatch.setattr(socket, "getaddrinfo", known)
        with connected("edge.local", 80, 5.0) as connection:
            assert connection.getpeername() == server.getsockname()
        ports.pop()
        with pytest.raises(ConnectionRefusedError):
            connected("edge.local", 80, 5.0)
