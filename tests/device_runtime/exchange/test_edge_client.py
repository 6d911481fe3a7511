"""The edge client: frames out and back over real connections, and answers that are not ours."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import Address
from device_runtime.exchange.edge_client import EdgeClient
from edgent.core.frame_exits import ExitsAsked, ExitsToAsk
from edgent.core.wire import Frame, head_identity, read_frame, write_frame
from edgent.errors import (
    EdgeTimeoutError,
    EdgeUnreachableError,
    HeadRefusedError,
)
from edgent.graph.tensor import Tensor

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

SHA256 = "ab" * 32
HEAD = "tiny-p02"
VERSION = "ab" * 6
TAKES = Tensor("image", (3, 8, 8), "uint8")
ADDRESS = Address(HEAD, VERSION, head_identity(SHA256, HEAD), TAKES)
IMAGE = np.arange(192, dtype=np.uint8).reshape(1, 3, 8, 8)
ACTIVATION = np.linspace(-1, 1, 32, dtype=np.float32).reshape(1, 2, 4, 4)
LONG_S = 30.0
TO_ASK = ExitsToAsk("margin", (bytes(8),), (0.5,))


def _request(connection: socket.socket) -> tuple[str, bytes]:
    """Header and body of one request; empty at the connection's end."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return "", b""
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head.decode("latin-1"), body


def _http(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d Said\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body


def _frame(identity: bytes | None = None) -> bytes:
    return write_frame(Frame(ACTIVATION, "float32", identity or head_identity(SHA256, HEAD), seconds=0.001))


def _numbered(answer: bytes, request: bytes) -> bytes:
    """The answer with the request's number in its frame, if it holds one, as a head answers."""
    head, frame = answer[: -len(_frame())], answer[-len(_frame()) :]
    if not frame.startswith(b"EG") or not request.startswith(b"EG"):
        return answer
    frame = frame[:7] + request[7:8] + frame[8:]
    return head + frame[:20] + struct.pack("<I", zlib.crc32(frame[24:], zlib.crc32(frame[:20]))) + frame[24:]


def _says(*answers: bytes) -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        for answer in answers:
            _, body = _request(connection)
            connection.sendall(_numbered(answer, body))

    return handle


def _ask(client: EdgeClient, budget_s: float = LONG_S) -> Frame:
    request = client.write_request(ADDRESS, IMAGE, "raw", "float32", budget_s)
    return client.read_reply(ADDRESS, client.exchange(ADDRESS, request, Deadline.after(budget_s)))


@pytest.fixture(autouse=True)
def _no_token_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDGENT_TOKEN", raising=False)


def test_what_travels(scripted: Any, tmp_path: Path) -> None:
    """One request holds the frame, its type and the token; the answer is the activation."""
    seen = []

    def handle(connection: socket.socket) -> None:
        seen.append(_request(connection))
        connection.sendall(_numbered(_http(200, _frame()), seen[0][1]))

    (tmp_path / "token").write_text("secret\n")
    client = EdgeClient(scripted(handle).url, token_file=tmp_path / "token")
    frame = _ask(client)
    np.testing.assert_array_equal(frame.tensor, ACTIVATION)
    assert frame.seconds == pytest.approx(0.001)
    ((header, body),) = seen
    assert header.splitlines()[0] == f"POST /predictions/{HEAD}/{VERSION} HTTP/1.1"
    assert "Authorization: Bearer secret" in header.splitlines()
    sent = read_frame(body)
    np.testing.assert_array_equal(sent.tensor, IMAGE)
    assert (sent.codec, sent.answer_codec) == ("raw", "float32")
    assert 0 < sent.seconds <= LONG_S
    client.close()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"", "no frame", id="empty"),
        pytest.param(b"hello", "no frame", id="garbage"),
        pytest.param(_frame()[:-1], "no frame", id="cut short"),
        pytest.param(_frame(head_identity(SHA256, "tiny-p03")), "another head", id="other head"),
        pytest.param(_frame(head_identity("cd" * 32, HEAD)), "another head or model", id="other model"),
    ],
)
def test_answers_that_are_not_ours(scripted: Any, body: bytes, words: str) -> None:
    """A 200 is not enough: the body must be a frame of this head of this model."""
    client = EdgeClient(scripted(_says(_http(200, body))).url)
    with pytest.raises(HeadRefusedError, match=words):
        _ask(client)
    client.close()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param(TO_ASK, ExitsAsked(1), id="one more than there are"),
        pytest.param(None, ExitsAsked(0), id="nobody was asked"),
        pytest.param(None, ExitsAsked(None), id="nor left"),
        pytest.param(TO_ASK, TO_ASK, id="a question"),
    ],
)
def test_answers_of_exits_that_were_not_asked(
    scripted: Any, asked: ExitsToAsk | None, said: ExitsAsked | ExitsToAsk
) -> None:
    """An answer of another exit must never be taken for one that was asked for."""
    with pytest.raises(HeadRefusedError, match="exits were to be asked"):
        _ask_exits(scripted, asked, said)


@pytest.mark.parametrize("said", [None, ExitsAsked(None), ExitsAsked(0)])
def test_answers_of_exits_that_were_asked(scripted: Any, said: ExitsAsked | None) -> None:
    """An edge may ask nobody, too."""
    assert _ask_exits(scripted, TO_ASK, said).exits == said


def _ask_exits(scripted: Any, asked: ExitsToAsk | None, said: ExitsAsked | ExitsToAsk | None) -> Frame:
    def handle(connection: socket.socket) -> None:
        _, body = _request(connection)
        sent = read_frame(body)
        assert sent.exits == asked
        answer = Frame(ACTIVATION, "float32", sent.identity, number=sent.number, exits=said)
        connection.sendall(_http(200, write_frame(answer)))

    client = EdgeClient(scripted(handle).url)
    request = client.write_request(ADDRESS, IMAGE, "raw", "float32", LONG_S, asked)
    reply = client.exchange(ADDRESS, request, Deadline.after(LONG_S))
    client.close()
    return client.read_reply(ADDRESS, reply)


def test_an_answer_to_an_earlier_request_is_never_taken(scripted: Any) -> None:
    """Somebody on the way sent the first answer twice; its copy does not answer the second request."""

    def twice(connection: socket.socket) -> None:
        answer = _numbered(_http(200, _frame()), _request(connection)[1])
        connection.sendall(answer)
        _request(connection)
        connection.sendall(answer)
        _request(connection)

    server = scripted(twice, _says(_http(200, _frame())))
    client = EdgeClient(server.url)
    _ask(client)
    with pytest.raises(EdgeUnreachableError, match="out of step"):
        _ask(client)
    np.testing.assert_array_equal(_ask(client).tensor, ACTIVATION)
    assert server.accepted == 2
    client.close()


def test_a_kept_connection_that_dies_under_a_request_is_replaced_once(scripted: Any) -> None:
    """The server takes the second request and closes without a word: asked again on a new connection."""

    def dies(connection: socket.socket) -> None:
        connection.sendall(_numbered(_http(200, _frame()), _request(connection)[1]))
        _request(connection)

    server = scripted(dies, _says(_http(200, _frame())))
    client = EdgeClient(server.url)
    for _ in range(2):
        np.testing.assert_array_equal(_ask(client).tensor, ACTIVATION)
    assert server.accepted == 2
    client.close()


def test_a_new_connection_that_dies_is_not_tried_again(scripted: Any) -> None:
    """One retry belongs to kept connections only: a dead edge is not asked twice."""
    server = scripted(_request, _says(_http(200, _frame())))
    client = EdgeClient(server.url)
    with pytest.raises(EdgeUnreachableError):
        _ask(client)
    assert server.accepted == 1


def test_the_retry_has_no_budget_of_its_own(scripted: Any) -> None:
    """A kept connection that dies late leaves the retry what is left: both together keep the deadline."""

    def dies(connection: socket.socket) -> None:
        connection.sendall(_numbered(_http(200, _frame()), _request(connection)[1]))
        _request(connection)

    def silent(connection: socket.socket) -> None:
        _request(connection)
        _request(connection)  # returns when the client hangs up

    server = scripted(dies, silent)
    client = EdgeClient(server.url)
    _ask(client)
    with pytest.raises(EdgeTimeoutError):
        _ask(client, 0.3)
    assert server.accepted == 2


def test_a_head_is_checked_with_an_empty_frame(scripted: Any) -> None:
    """A check sends no pixels and takes an answer without elements."""
    seen = []

    def handle(connection: socket.socket) -> None:
        seen.append(_request(connection)[1])
        identity, number = head_identity(SHA256, HEAD), read_frame(seen[0]).number
        empty = Frame(np.zeros(0, np.float32), "float32", identity, number=number)
        connection.sendall(_http(200, write_frame(empty)))

    client = EdgeClient(scripted(handle).url)
    client.check(ADDRESS, Deadline.after(LONG_S))
    (body,) = seen
    assert read_frame(body).tensor.shape == (0, 3, 8, 8)
    assert len(body) < 64
    client.close()
