"""What HAProxy does with a request: whole, once, and not any more when nobody waits for its answer."""

from __future__ import annotations

import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from edgent.deploy.haproxy import ProxiedEdge, Proxy, haproxy_configuration
from edgent.deploy.question import Question
from edgent.edge.torchserve import free_addresses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed")

QUESTION = Question("net/1", b"how are you")
TOKEN = "secret"
_PATIENT_S = 20.0
_RESPONSE_TIMEOUT_S = 20
_LARGEST_BYTES = 100_000
FULL, LATE, DONE = b"HTTP/1.1 503 full\r\n", b"HTTP/1.1 504 late\r\n", b"HTTP/1.1 200 OK\r\n"


class MadeUpEdge(socketserver.ThreadingTCPServer):
    """Answers checks at once, and each request as it is told to, while its context lasts."""

    daemon_threads = True

    def __init__(self, answer: Callable[[socket.socket], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.answer, self.bodies = answer, list[bytes]()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def __enter__(self) -> MadeUpEdge:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Connection(socketserver.BaseRequestHandler):
    server: MadeUpEdge
    request: socket.socket

    def handle(self) -> None:
        """Take one request."""
        with suppress(OSError):
            body = _received(self.request)
            if body == QUESTION.frame:
                say(self.request, DONE)
                return
            self.server.bodies.append(body)
            self.server.answer(self.request)


def say(connection: socket.socket, status: bytes) -> None:
    """An answer, after which the connection ends."""
    connection.sendall(status + b"Connection: close\r\nContent-Length: 2\r\n\r\nok")


def _received(connection: socket.socket) -> bytes:
    """The body of a request."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536) or _gone()
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65_536) or _gone()
    return body


def _gone() -> bytes:
    raise OSError("the other side closed")


@contextmanager
def _proxied(folder: Path, *edges: MadeUpEdge, certificates: Path) -> Iterator[int]:
    """The port of an HAProxy before some edges, which all are up."""
    for name, source in {"tls.crt": "server.pem", "tls.key": "server.key"}.items():
        shutil.copy(certificates / source, folder / name)
    (folder / "tokens").write_text(f"#device-1\n{TOKEN}\n", encoding="ascii")
    addresses = free_addresses()
    port, grpc_port, operators_port = (
        int(url.rpartition(":")[2])
        for url in (addresses.inference, addresses.grpc_inference, addresses.metrics)
    )
    behind = [ProxiedEdge(f"edge{number}", "127.0.0.1", edge.port) for number, edge in enumerate(edges)]
    proxy = Proxy(
        behind,
        [QUESTION],
        _LARGEST_BYTES,
        _RESPONSE_TIMEOUT_S,
        "127.0.0.1",
        str(folder),
        port,
        grpc_port,
        operators_port,
        admin_port=int(addresses.management.rpartition(":")[2]),
    )
    (folder / "haproxy.cfg").write_text(haproxy_configuration(proxy), encoding="utf-8")
    with subprocess.Popen(["haproxy", "-db", "-q", "-f", str(folder / "haproxy.cfg")]) as process:
        try:
            _wait_until_up(operators_port)
            yield port
        finally:
            process.kill()


def _wait_until_up(operators_port: int) -> None:
    deadline = time.monotonic() + _PATIENT_S
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", operators_port), 5) as connection:
            connection.sendall(b"GET /ready HTTP/1.0\r\n\r\n")
            if b" 200 " in connection.recv(200):
                return
        time.sleep(0.05)
    raise AssertionError("no edge is up")


@contextmanager
def _asking(port: int, body: bytes, token: str = TOKEN) -> Iterator[socket.socket]:
    """A device's connection, on which it sent a request."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), _PATIENT_S) as plain,
        context.wrap_socket(plain) as connection,
    ):
        head = f"POST /predictions/net/1 HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {token}\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        yield connection


@pytest.fixture
def certificates(composed: Path) -> Path:
    """The folder of a certificate."""
    return composed / "secrets"


@pytest.mark.parametrize("size_bytes", [10, _LARGEST_BYTES])
def test_an_edge_is_asked_again(tmp_path: Path, certificates: Path, size_bytes: int) -> None:
    """The same request as a whole, the largest one, too, where the first edge has no room: mostly another."""
    answered = threading.Event()

    def first_is_full(connection: socket.socket) -> None:
        status = DONE if answered.is_set() else FULL
        answered.set()  # before it is said: the other edge may be asked at once
        say(connection, status)

    edges = [MadeUpEdge(first_is_full), MadeUpEdge(first_is_full)]
    body = bytes(range(256)) * (size_bytes // 256 + 1)
    with ExitStack() as held:
        for edge in edges:
            held.enter_context(edge)
        port = held.enter_context(_proxied(tmp_path, *edges, certificates=certificates))
        connection = held.enter_context(_asking(port, body[:size_bytes]))
        assert b" 200 " in connection.recv(200)
    assert [asked for edge in edges for asked in edge.bodies] == [body[:size_bytes]] * 2


def test_names_of_devices_are_no_tokens(tmp_path: Path, certificates: Path) -> None:
    """They stand in the file of tokens behind a sharp, as its register."""
    edge = MadeUpEdge(lambda connection: say(connection, DONE))
    with ExitStack() as held:
        held.enter_context(edge)
        port = held.enter_context(_proxied(tmp_path, edge, certificates=certificates))
        for token in ("#device-1", "device-1"):
            connection = held.enter_context(_asking(port, b"frame", token))
            assert b" 400 " in connection.recv(200)
    assert edge.bodies == []


def test_a_full_edge_is_not_asked_twice(tmp_path: Path, certificates: Path) -> None:
    """Where it is the only one, the device is told."""
    edge = MadeUpEdge(lambda connection: say(connection, FULL))
    with ExitStack() as held:
        held.enter_context(edge)
        port = held.enter_context(_proxied(tmp_path, edge, certificates=certificates))
        connection = held.enter_context(_asking(port, b"frame"))
        assert b" 503 " in connection.recv(200)
    assert edge.bodies == [b"frame"]


@pytest.mark.parametrize(("edges", "is_closed"), [(1, True), (2, False)])
def test_who_came_too_late_may_look_for_another_pod(
    tmp_path: Path, certificates: Path, edges: int, is_closed: bool
) -> None:
    """A connection ends with the 504 of the only edge; where there are several, the proxy chooses anyway."""
    late = [MadeUpEdge(lambda connection: say(connection, LATE)) for _ in range(edges)]
    with ExitStack() as held:
        for edge in late:
            held.enter_context(edge)
        port = held.enter_context(_proxied(tmp_path, *late, certificates=certificates))
        connection = held.enter_context(_asking(port, b"frame"))
        said = connection.recv(500).lower()
    assert b" 504 " in said
    assert (b"connection: close" in said) is is_closed
    assert [body for edge in late for body in edge.bodies] == [b"frame"]


def test_nobody_waits_any_more(tmp_path: Path, certificates: Path) -> None:
    """A device closes its connection at its deadline: the edge is let go at once, and no other is asked."""
    let_go = threading.Event()

    def wait_for_the_end(connection: socket.socket) -> None:
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""
        let_go.set()

    edges = [MadeUpEdge(wait_for_the_end), MadeUpEdge(wait_for_the_end)]
    with ExitStack() as held:
        for edge in edges:
            held.enter_context(edge)
        port = held.enter_context(_proxied(tmp_path, *edges, certificates=certificates))
        with _asking(port, b"frame"):
            deadline = time.monotonic() + _PATIENT_S
            while not any(edge.bodies for edge in edges):
                assert time.monotonic() < deadline, "no edge was asked"
                time.sleep(0.01)
        assert let_go.wait(_RESPONSE_TIMEOUT_S / 2)
    assert [body for edge in edges for body in edge.bodies] == [b"frame"]
