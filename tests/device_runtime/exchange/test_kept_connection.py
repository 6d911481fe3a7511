"""Where a kept connection leads: to one of a host's addresses, and to another one when it is told to turn."""

from __future__ import annotations

import datetime as dt
import fcntl
import resource
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from device_runtime.deadline import Deadline
from device_runtime.exchange.http_exchange import HttpConnection
from device_runtime.exchange.kept_connection import is_readable
from edgent.edge.certificates import write_certificates
from edgent.errors import EdgeTimeoutError, EdgeUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Says(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Pod

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "1")
        self.end_headers()
        self.wfile.write(self.server.said)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Nothing is written."""


class _Pod(ThreadingHTTPServer):
    """One of the servers behind a name."""

    daemon_threads = True

    def __init__(self, said: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Says)
        self.said = said


class Names:
    """A name server that names three pods, one more of which is gone."""

    def __init__(self, pods: list[_Pod]) -> None:
        self.ports = [pod.server_address[1] for pod in pods]
        self.asked = 0
        self.is_out = False
        self.answers = threading.Event()
        self.answers.set()

    def __call__(self, *_: object, **__: object) -> list[Any]:
        """What it says."""
        if self.is_out:
            raise OSError("no name server")
        self.asked += 1
        self.answers.wait(10.0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in self.ports]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    """Three servers behind one name."""
    pods = [_Pod(said) for said in (b"a", b"b", b"c")]
    threads = [threading.Thread(target=pod.serve_forever, args=(0.01,)) for pod in pods]
    for thread in threads:
        thread.start()
    known = Names(pods)
    monkeypatch.setattr(socket, "getaddrinfo", known)
    yield known
    known.answers.set()
    for pod, thread in zip(pods, threads, strict=True):
        pod.shutdown()
        thread.join()
        pod.server_close()


def _ask(connection: HttpConnection, budget_s: float = 10.0) -> bytes:
    return connection.predict("head", None, b"frame", Deadline.after(budget_s)).body


@pytest.fixture
def connection() -> Iterator[HttpConnection]:
    """To the name of all three."""
    connection = HttpConnection("http://edge.example:80")
    yield connection
    connection.close()


def test_a_turn_leads_to_the_next_address(names: Names, connection: HttpConnection) -> None:
    """Until then the connection is kept; the name is asked for anew at every turn."""
    said = []
    for _ in range(4):
        said += [_ask(connection), _ask(connection)]
        connection.turn()
    assert said == [b"a", b"a", b"b", b"b", b"c", b"c", b"a", b"a"]
    assert names.asked == 4


def test_a_pod_that_is_gone_is_passed_by(names: Names, connection: HttpConnection) -> None:
    """The address whose turn it is refuses; the one behind it answers."""
    names.ports[1] = 1
    _ask(connection)
    connection.turn()
    assert _ask(connection) == b"c"


def test_a_name_server_that_is_out_costs_no_edge_that_is_known(
    names: Names, connection: HttpConnection
) -> None:
    """What it said last holds; where it never said anything there is no edge."""
    _ask(connection)
    names.is_out = True
    connection.turn()
    assert _ask(connection) == b"b"
    other = HttpConnection("http://other.example:80")
    with pytest.raises(EdgeUnreachableError, match="no name server"):
        _ask(other)


def test_a_name_server_that_hangs_holds_no_request_past_its_deadline(
    names: Names, connection: HttpConnection
) -> None:
    """It is asked once, however many requests wait for it, and what it says in the end counts."""
    names.answers.clear()
    began_s = time.perf_counter()
    for _ in range(2):
        with pytest.raises(EdgeTimeoutError, match=r"edge\.example: no address from the name server within"):
            _ask(connection, 0.05)
    assert time.perf_counter() - began_s < 5.0
    names.answers.set()
    assert _ask(connection) == b"a"
    assert names.asked == 1


def test_a_name_server_that_hangs_costs_no_edge_that_is_known(
    names: Names, connection: HttpConnection
) -> None:
    """It may take half of the time left; with the other half the addresses of before are asked."""
    _ask(connection)
    names.answers.clear()
    connection.turn()
    assert _ask(connection, 1.0) == b"b"


@pytest.fixture
def many_files() -> Iterator[None]:
    """A process that may have more files open than select() can look at."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_a_program_with_many_open_files_keeps_its_connections() -> None:
    """The next file has a number above 1024."""
    near, far = socket.socketpair()
    with near, far, socket.socket(fileno=fcntl.fcntl(near.fileno(), fcntl.F_DUPFD, 1024)) as numbered:
        assert numbered.fileno() >= 1024
        assert not is_readable(numbered)
        far.sendall(b"x")
        assert is_readable(numbered)


def test_a_certificate_says_when_it_ends(tmp_path: Path) -> None:
    """Once it was accepted."""
    now = dt.datetime.now(dt.timezone.utc)
    files = write_certificates(tmp_path, ["localhost"], 3, now)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.private_key)
    with _Pod(b"a") as pod:
        pod.socket = context.wrap_socket(pod.socket, server_side=True)
        thread = threading.Thread(target=pod.serve_forever, args=(0.01,))
        thread.start()
        connection = HttpConnection(f"https://localhost:{pod.server_address[1]}", files.authority)
        assert connection.certificate_expires_s is None
        assert _ask(connection) == b"a"
        connection.close()
        pod.shutdown()
        thread.join()
    ends = now + dt.timedelta(days=3)
    assert connection.certificate_expires_s == pytest.approx(ends.timestamp(), abs=1.0)
