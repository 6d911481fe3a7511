"""One HTTP exchange against servers that misbehave in every way that was thought of."""

from __future__ import annotations

import socket
import struct
import threading
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from device_runtime.deadline import Deadline
from device_runtime.exchange.http_exchange import HttpConnection, _CountedReader
from device_runtime.exchange.kept_connection import LARGEST_ANSWER_BYTES
from edgent.errors import EdgeTimeoutError, EdgeUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    Connection = socket.socket
    Script = Callable[[socket.socket], object]

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
LONG_S = 30.0
SHORT_S = 0.3


def _take_request(connection: socket.socket) -> bytes:
    """One request, header and body."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return received
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def _answers(*answers: bytes) -> Script:
    """Answers so many requests, then closes."""

    def handle(connection: socket.socket) -> None:
        for answer in answers:
            _take_request(connection)
            connection.sendall(answer)

    return handle


def _until_closed(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def _post(connection: HttpConnection, budget_s: float = LONG_S, body: bytes = b"body") -> bytes:
    return connection.post("/predictions/head", "", body, Deadline.after(budget_s)).body


def test_a_request_is_whole_and_an_answer_is_counted(scripted: Any) -> None:
    """The server sees path, host, length, our headers and the body; bytes are those on the wire."""
    seen = []

    def handle(connection: socket.socket) -> None:
        seen.append(_take_request(connection))
        connection.sendall(OK)

    server = scripted(handle)
    connection = HttpConnection(server.url)
    answer = connection.post("/predictions/x", "X-Ours: 1\r\n", b"\x00\xffbody", Deadline.after(LONG_S))
    host = server.url.removeprefix("http://").encode()
    assert seen == [
        b"POST /predictions/x HTTP/1.1\r\nHost: " + host + b"\r\n"
        b"Content-Length: 6\r\nX-Ours: 1\r\n\r\n\x00\xffbody"
    ]
    assert (answer.status, answer.body) == (200, b"hello")
    assert (answer.sent_bytes, answer.received_bytes) == (len(seen[0]), len(OK))
    connection.close()


def test_bytes_behind_the_first_are_timed() -> None:
    """What comes at first is not among them, nor is the wait for it."""
    ours, theirs = socket.socketpair()
    now_s = 0.0
    reader = _CountedReader(ours, Deadline(1e6, lambda: now_s))
    theirs.sendall(OK[:20])
    now_s = 7.0
    reader.readinto(bytearray(100))
    assert (reader.first_bytes, reader.trailing_s) == (20, 0.0)
    theirs.sendall(OK[20:])
    now_s = 7.25
    reader.readinto(bytearray(100))
    assert (reader.count_bytes, reader.first_bytes, reader.trailing_s) == (len(OK), 20, 0.25)
    ours.close()
    theirs.close()


def test_a_connection_is_kept(scripted: Any) -> None:
    """Three requests, one connection."""
    server = scripted(_answers(OK, OK, OK))
    connection = HttpConnection(server.url)
    for _ in range(3):
        assert _post(connection) == b"hello"
    assert connection.is_open
    assert server.accepted == 1
    connection.close()
    assert not connection.is_open


def test_a_connection_is_opened_before_it_is_needed(scripted: Any) -> None:
    """Where one is kept, there is nothing to do."""
    refused = b"HTTP/1.1 504 Gateway Timeout\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"
    server = scripted(_answers(refused), _answers(OK))
    connection = HttpConnection(server.url)
    assert _post(connection) == b"no"
    assert not connection.is_open
    for _ in range(2):
        connection.reopen(Deadline.after(LONG_S))
        assert connection.is_open
    assert _post(connection) == b"hello"
    assert server.accepted == 2
    connection.close()


def test_chunks_are_one_answer(scripted: Any) -> None:
    """As a proxy sends them; every byte on the wire counts, and the connection is kept."""
    server = scripted(_answers(CHUNKED, CHUNKED.replace(b"0\r\n\r", b"0\r\nX-Trailer: 1\r\n\r"), OK))
    connection = HttpConnection(server.url)
    answer = connection.post("/", "", b"", Deadline.after(LONG_S))
    assert (answer.body, answer.received_bytes) == (b"hello", len(CHUNKED))
    assert (_post(connection), _post(connection)) == (b"hello", b"hello")
    assert server.accepted == 1
    connection.close()


def test_chunks_without_end_are_capped(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing announces how much will come, so what comes is counted."""
    monkeypatch.setattr("device_runtime.exchange.http_exchange.LARGEST_ANSWER_BYTES", 100_000)
    head, chunk = CHUNKED.partition(b"3")[0], b"ffff\r\n" + bytes(0xFFFF) + b"\r\n"

    def flood(connection: socket.socket) -> None:
        _take_request(connection)
        connection.sendall(head)
        while True:
            connection.sendall(chunk)

    connection = HttpConnection(scripted(flood).url)
    with pytest.raises(EdgeUnreachableError, match="more than 100000 bytes"):
        _post(connection)
    assert not connection.is_open


@pytest.mark.parametrize(
    ("path", "sent"), [("/", b"POST /predictions/x"), ("/a%20b/edge/", b"POST /a%20b/edge/predictions/x")]
)
def test_the_path_of_a_proxy_goes_first(scripted: Any, path: str, sent: bytes) -> None:
    """What stands behind the port is the beginning of every request's path."""
    seen = []

    def handle(connection: socket.socket) -> None:
        seen.append(_take_request(connection))
        connection.sendall(OK)

    connection = HttpConnection(scripted(handle).url + path)
    connection.predict("x", None, b"", Deadline.after(LONG_S))
    assert seen[0].startswith(sent + b" HTTP/1.1\r\nHost: 127.0.0.1:")
    connection.close()


def test_a_server_that_says_close_is_believed(scripted: Any) -> None:
    """TorchServe closes after every status from 400 on."""
    closing = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\nContent-Length: 5\r\n\r\nwrong"
    connection = HttpConnection(scripted(_answers(closing), _answers(OK)).url)
    assert _post(connection) == b"wrong"
    assert not connection.is_open
    assert _post(connection) == b"hello"
    connection.close()


def test_a_slow_drip_ends_at_the_deadline(scripted: Any) -> None:
    """A byte now and then keeps no device waiting past its budget."""
    stopped = threading.Event()

    def drip(connection: socket.socket) -> None:
        _take_request(connection)
        for byte in OK[:-1] * 1000:
            if stopped.wait(0.01):
                return
            connection.sendall(bytes([byte]))

    connection = HttpConnection(scripted(drip).url)
    with pytest.raises(EdgeTimeoutError, match="within the budget"):
        _post(connection, SHORT_S)
    assert not connection.is_open
    stopped.set()


def test_a_flood_ends_at_the_deadline(scripted: Any) -> None:
    """Bytes that are always there already do not stretch the budget either: the clock decides."""

    def flood(connection: socket.socket) -> None:
        _take_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000000\r\n\r\n")
        while True:
            connection.sendall(bytes(65536))

    ticks = count()
    deadline = Deadline(20.0, clock=lambda: float(next(ticks)))  # every look at the clock costs a second
    connection = HttpConnection(scripted(flood).url)
    with pytest.raises(EdgeTimeoutError):
        connection.post("/", "", b"", deadline)
    assert next(ticks) < 30
    connection.close()


def test_a_deadline_that_has_passed_sends_nothing(scripted: Any) -> None:
    """No budget, no connection."""
    server = scripted(_answers(OK))
    with pytest.raises(EdgeTimeoutError):
        _post(HttpConnection(server.url), 0.0)
    assert server.accepted == 0


def test_a_server_that_does_not_read_ends_at_the_deadline(scripted: Any) -> None:
    """A body larger than all buffers is not sent for ever."""
    over = threading.Event()
    connection = HttpConnection(scripted(lambda _: over.wait(LONG_S)).url)
    with pytest.raises(EdgeTimeoutError):
        _post(connection, SHORT_S, bytes(50_000_000))
    over.set()


def test_a_late_answer_is_never_taken_for_the_next(scripted: Any) -> None:
    """What the first connection says after the deadline is heard by nobody."""
    timed_out = threading.Event()

    def late(connection: socket.socket) -> None:
        _take_request(connection)
        assert timed_out.wait(LONG_S)
        connection.sendall(OK.replace(b"hello", b"LATE!"))

    server = scripted(late, _answers(OK))
    connection = HttpConnection(server.url)
    with pytest.raises(EdgeTimeoutError):
        _post(connection, SHORT_S)
    timed_out.set()
    assert _post(connection) == b"hello"
    assert server.accepted == 2
    connection.close()


def test_an_answer_that_nobody_asked_for_is_not_the_next(scripted: Any) -> None:
    """Two answers to one request: the connection is given up before it is used again."""
    sent = threading.Event()

    def twice(connection: socket.socket) -> None:
        _take_request(connection)
        connection.sendall(OK)
        assert asked.wait(LONG_S)
        connection.sendall(OK.replace(b"hello", b"extra"))
        sent.set()
        _until_closed(connection)

    asked = threading.Event()
    server = scripted(twice, _answers(OK))
    connection = HttpConnection(server.url)
    assert _post(connection) == b"hello"
    asked.set()
    assert sent.wait(LONG_S)
    assert _post(connection) == b"hello"
    assert server.accepted == 2
    connection.close()


def test_a_connection_closed_in_between_costs_no_request(scripted: Any) -> None:
    """The server closed while nobody looked: the next request opens another at once."""
    closed = threading.Event()

    def answer_once(connection: socket.socket) -> None:
        _take_request(connection)
        connection.sendall(OK)
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    server = scripted(answer_once, _answers(OK))
    connection = HttpConnection(server.url)
    assert _post(connection) == b"hello"
    assert closed.wait(LONG_S)
    assert _post(connection) == b"hello"
    assert server.accepted == 2
    connection.close()


def _reset(connection: socket.socket) -> None:
    """Close so that the other side gets RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="half a header"),
        pytest.param(OK[:-1], id="one byte short"),
        pytest.param(OK.replace(b"5", b"-5"), id="negative length"),
        pytest.param(OK.replace(b"5", b"many"), id="length in words"),
        pytest.param(OK.replace(b"5", b"%d" % (LARGEST_ANSWER_BYTES + 1)), id="over the cap"),
        pytest.param(OK.replace(b"5", b"9" * 400), id="length of 400 digits"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\nhello", id="no length"),
        pytest.param(CHUNKED[:-5], id="chunks without an end"),
        pytest.param(CHUNKED[:-8], id="half a chunk"),
        pytest.param(CHUNKED.replace(b"3", b"three"), id="chunk length in words"),
        pytest.param(CHUNKED.replace(b"3", b"-3"), id="negative chunk length"),
        pytest.param(CHUNKED.replace(b"3", b"f" * 40), id="chunk length of 40 digits"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="another protocol"),
        pytest.param(b"\x16\x03\x01" + bytes(range(256)), id="binary garbage"),
        pytest.param(b"HTTP/1.1 two hundred\r\n\r\n", id="status in words"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n", id="a thousand headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", id="a header of 100 kB"),
    ],
)
@pytest.mark.parametrize(
    "ending", [pytest.param(lambda _: None, id="closed"), pytest.param(_reset, id="reset")]
)
def test_a_broken_answer_is_unreachable(scripted: Any, answer: bytes, ending: Script) -> None:
    """Whatever is no whole answer is an EdgeUnreachableError and closes the connection."""

    def handle(connection: socket.socket) -> None:
        _take_request(connection)
        connection.sendall(answer)
        ending(connection)

    connection = HttpConnection(scripted(handle).url)
    with pytest.raises(EdgeUnreachableError):
        _post(connection)
    assert not connection.is_open


def test_nobody_there() -> None:
    """A port without a listener is refused, not waited for."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(EdgeUnreachableError, match="refused"):
        _post(HttpConnection(f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize(
    "url", ["localhost:8080", "ftp://host:1", "http://host:port", "http://host:99999", "http://", "", "//x"]
)
def test_a_url_that_is_none_is_said_at_once(url: str) -> None:
    """Nothing is connected to by accident."""
    with pytest.raises(EdgeUnreachableError, match="http://HOST:PORT"):
        HttpConnection(url)


@pytest.mark.parametrize(
    "url",
    ["http://h/a b", "http://h/\r\nX: y", "http://h/?a=1", "http://me:pw@h", "http://h/#top", "http://h/ä"],
)
def test_a_url_holds_no_more_than_a_path(url: str) -> None:
    """Above all nothing that would end the request's first line."""
    with pytest.raises(EdgeUnreachableError):
        HttpConnection(url)


def test_a_certificate_authority_that_is_none(tmp_path: Any) -> None:
    """A missing or wrong PEM file is named."""
    (tmp_path / "wrong.pem").write_text("no certificate")
    for name in ("missing.pem", "wrong.pem"):
        with pytest.raises(EdgeUnreachableError, match=name):
            HttpConnection("https://127.0.0.1:1", tmp_path / name)


def test_a_server_without_tls_behind_https(scripted: Any) -> None:
    """The handshake fails, the plain connection is closed with it."""
    connection = HttpConnection(scripted(lambda peer: peer.sendall(OK)).url.replace("http:", "https:"))
    with pytest.raises(EdgeUnreachableError):
        _post(connection)
    assert not connection.is_open
