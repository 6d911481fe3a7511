"""One gRPC call against HTTP/2 servers that keep to the protocol, and against those that do not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from h2.settings import SettingCodes

from device_runtime.deadline import Deadline
from device_runtime.exchange.grpc_exchange import GrpcConnection
from device_runtime.exchange.kept_connection import is_readable
from edgent.errors import EdgeTimeoutError, EdgeUnreachableError
from tests.http2_peer import DONE, OK, Peer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from device_runtime.exchange.carrier import RawAnswer

LONG_S = 30.0
SHORT_S = 0.3


def _message(prediction: bytes) -> bytes:
    size, length = len(prediction), b""
    while size > 0x7F:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    content = b"\x0a" + length + bytes([size]) + prediction
    return b"\0" + len(content).to_bytes(4, "big") + content


def _serves(*answers: Callable[[Peer, int, bytes], object]) -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        peer = Peer(connection)
        for answer in answers:
            answer(peer, *peer.take_call())

    return handle


def _echo(peer: Peer, stream: int, message: bytes) -> None:
    peer.answer(stream, _message(message))


def _connection(server: Any) -> GrpcConnection:
    return GrpcConnection(server.url.replace("http:", "grpc:"))


def _call(connection: GrpcConnection, body: bytes = b"body", budget_s: float = LONG_S) -> RawAnswer:
    return connection.predict("head", "secret", body, Deadline.after(budget_s))


def test_what_travels(scripted: Any) -> None:
    """TorchServe's service, the token, and a message that names the model and holds the body."""
    seen: list[tuple[dict[str, str], bytes]] = []

    def answer(peer: Peer, stream: int, message: bytes) -> None:
        seen.append((peer.headers, message))
        peer.answer(stream, _message(b"activation"))

    connection = _connection(scripted(_serves(answer)))
    answered = _call(connection, b"frame")
    assert (answered.status, answered.body) == (200, b"activation")
    ((headers, message),) = seen
    assert headers[":path"] == "/org.pytorch.serve.grpc.inference.InferenceAPIsService/Predictions"
    assert headers["authorization"] == "Bearer secret"
    assert message == b"\0\0\0\0\x15" + b"\x0a\x04head" + b"\x1a\x0d" + b"\x0a\x04body" + b"\x12\x05frame"
    connection.close()


def test_what_comes_while_a_request_is_on_its_way_is_no_beginning_of_the_answer(scripted: Any) -> None:
    """Windows are renewed meanwhile; the answer, which came at once, has nothing that trailed behind it."""
    connection = _connection(
        scripted(_serves(lambda peer, stream, _: peer.answer(stream, _message(b"short"))))
    )
    answered = _call(connection, bytes(400_000))  # more than the windows that a server begins with
    assert answered.body == b"short"
    assert (answered.trailing_bytes, answered.trailing_s) == (0, 0.0)
    connection.close()


def test_a_larger_window_is_used_once_it_is_acknowledged(scripted: Any) -> None:
    """A server allows it from the acknowledgement on, so that goes before the bytes that need it."""

    def allow_more(connection: socket.socket) -> None:
        peer = Peer(connection)
        peer.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 1_000_000})
        peer.h2.increment_flow_control_window(1_000_000)
        peer.flush()
        for _ in range(2):
            stream, message = peer.take_call(renews_window=False)  # it ends the connection if it is exceeded
            peer.answer(stream, _message(b"%d" % len(message)))

    server = scripted(allow_more)
    connection = _connection(server)
    lengths = [_call(connection, bytes(size)).body for size in (10, 400_000)]
    assert lengths == [b"31", b"400025"]
    assert server.accepted == 1
    connection.close()


def test_headers_are_said_once(scripted: Any) -> None:
    """A second call on the kept connection takes a fraction of the first one's bytes, both ways."""
    server = scripted(_serves(_echo, _echo, _echo))
    connection = _connection(server)
    first, second, third = (_call(connection) for _ in range(3))
    assert server.accepted == 1
    message_bytes = 5 + 20
    assert second.sent_bytes < first.sent_bytes / 3
    assert third.sent_bytes <= 9 + 9 + 9 + message_bytes
    assert third.received_bytes < first.received_bytes / 2
    connection.close()


@pytest.mark.parametrize("status", ["0", "13"])
def test_an_answer_is_there_with_its_message(status: str, scripted: Any) -> None:
    """Trailers come in a packet of their own; what they say reaches no later call, whenever they come."""
    unfinished: list[int] = []

    def answer(peer: Peer, stream: int, message: bytes) -> None:
        while unfinished:
            peer.h2.send_headers(unfinished.pop(), [("grpc-status", status)], end_stream=True)
        peer.h2.send_headers(stream, OK)
        peer.h2.send_data(stream, _message(message[-1:]))
        peer.flush()
        unfinished.append(stream)

    def finish(peer: Peer, stream: int, message: bytes) -> None:
        answer(peer, stream, message)
        peer.h2.send_headers(unfinished.pop(), [("grpc-status", status)], end_stream=True)
        peer.flush()

    server = scripted(_serves(answer, answer, finish, _echo))
    connection = _connection(server)
    for body in (b"1", b"2", b"3"):
        assert _call(connection, body).body == body
    assert _call(connection).status == 200
    assert server.accepted == 1
    connection.close()


@pytest.mark.parametrize("size", [0, 1, 127, 128, 20_000, 300_000])
def test_bodies_of_every_size_come_back(size: int, scripted: Any) -> None:
    """More than a frame, and more than the server's window of 65,535 bytes, must wait and go on."""
    body = bytes(range(256)) * (size // 256) + bytes(size % 256)

    def answer(peer: Peer, stream: int, message: bytes) -> None:
        sent = message[-size:] if size else b""
        peer.h2.send_headers(stream, OK)
        rest = _message(sent)
        while rest:
            peer.h2.send_data(stream, rest[:16384])
            rest = rest[16384:]
        peer.h2.send_headers(stream, DONE, end_stream=True)
        peer.flush()

    connection = _connection(scripted(_serves(answer)))
    assert _call(connection, body).body == body
    connection.close()


def test_pings_are_answered_seldom_and_with_a_request(scripted: Any) -> None:
    """Each answer brings another ping; they are acknowledged twice a minute."""
    peers: list[Peer] = []

    def answer(peer: Peer, stream: int, message: bytes) -> None:
        peers.append(peer)
        peer.answer(stream, _message(message), ping=True)

    times_s = [100.0]
    connection = _connection(scripted(_serves(*[answer] * 5)))
    acknowledged = []
    for later_s in (0.0, 0.1, 1.0, 5.0, 30.0):
        times_s.append(times_s[-1] + later_s)
        connection.predict("head", None, b"x", Deadline(times_s[-1] + LONG_S, lambda: times_s[-1]))
        acknowledged.append(peers[-1].acknowledged_pings)
    assert acknowledged == [0, 1, 1, 1, 4]
    connection.close()


def test_a_ping_between_two_calls_waits_like_others(scripted: Any) -> None:
    """It is found before the next call is sent, and brings no packet with it."""
    peers: list[Peer] = []

    def answer(peer: Peer, stream: int, message: bytes) -> None:
        peers.append(peer)
        peer.answer(stream, _message(message), ping=True)

    def answer_then_ping(peer: Peer, stream: int, message: bytes) -> None:
        peer.answer(stream, _message(message))
        peer.h2.ping(b"87654321")
        peer.flush()

    connection = _connection(scripted(_serves(answer, answer_then_ping, answer)))
    _call(connection)
    _call(connection)
    while not (connection._held or is_readable(connection._socket)):  # type: ignore[arg-type]
        pass
    _call(connection)
    assert peers[-1].acknowledged_pings == 1
    connection.close()


@pytest.mark.parametrize(
    ("trailers", "status"),
    [
        ([("grpc-status", "7"), ("grpc-message", "Token Authorization failed")], 400),
        ([("grpc-status", "13"), ("grpc-message", "Model %22x%22 has no worker to serve")], 503),
        ([("grpc-status", "13"), ("grpc-message", "Model not found: x")], 404),
        ([("grpc-status", "13"), ("grpc-message", "whatever")], 500),
        ([("grpc-status", "8"), ("grpc-message", "Worker died.")], 507),
        ([("grpc-status", "14"), ("grpc-message", "Prediction failed")], 503),
        ([("grpc-status", "2")], 500),
    ],
)
def test_refusals_are_those_of_http(trailers: list[tuple[str, str]], status: int, scripted: Any) -> None:
    """Statuses of gRPC and TorchServe's words become what its HTTP would say; the connection stays."""

    def refuse(peer: Peer, stream: int, _: bytes) -> None:
        peer.h2.send_headers(stream, [*OK, *trailers], end_stream=True)
        peer.flush()

    connection = _connection(scripted(_serves(refuse, _echo)))
    answer = _call(connection)
    assert answer.status == json.loads(answer.body)["code"] == status
    assert (b"InvalidKeyException" in answer.body) is (status == 400)
    assert _call(connection).status == 200
    connection.close()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b'{"code": 409, "message": "another wire version"}', 409),
        (b'{"code": "409"}', 500),
        (b'{"code": 200}', 500),
        (b"{broken", 500),
    ],
)
def test_a_handlers_refusal_keeps_its_status(said: bytes, status: int, scripted: Any) -> None:
    """TorchServe's gRPC loses what a handler sets; it is read from what the handler says."""

    def refuse(peer: Peer, stream: int, _: bytes) -> None:
        peer.answer(stream, _message(said))

    connection = _connection(scripted(_serves(refuse)))
    answer = _call(connection)
    assert (answer.status, answer.body) == (status, said)
    connection.close()


def _breaks_off(peer: Peer, stream: int, _: bytes) -> None:
    peer.answer(stream, _message(b"activation")[:-3])


def _compressed(peer: Peer, stream: int, _: bytes) -> None:
    peer.answer(stream, b"\1" + _message(b"activation")[1:])


def _another_message(peer: Peer, stream: int, _: bytes) -> None:
    peer.answer(stream, b"\0\0\0\0\x02\x12\0")


def _longer_than_it_is(peer: Peer, stream: int, _: bytes) -> None:
    peer.answer(stream, b"\0\0\0\0\x03\x0a\xff\x7f")


def _no_grpc(peer: Peer, stream: int, _: bytes) -> None:
    peer.h2.send_headers(stream, [(":status", "502")], end_stream=True)
    peer.flush()


def _resets(peer: Peer, stream: int, _: bytes) -> None:
    peer.h2.reset_stream(stream, 8)
    peer.flush()


def _goes_away(peer: Peer, _stream: int, _: bytes) -> None:
    peer.h2.close_connection(error_code=2)
    peer.flush()


def _hangs_up(_peer: Peer, _stream: int, _: bytes) -> None:
    pass


@pytest.mark.parametrize(
    ("misbehave", "said"),
    [
        (_breaks_off, "broke off after 9 of 12 bytes"),
        (_compressed, "broke off"),
        (_another_message, "another message than a prediction"),
        (_longer_than_it_is, "another message than a prediction"),
        (_no_grpc, "HTTP status 502"),
        (_resets, "ended the call: HTTP/2 error 8"),
        (_goes_away, "ended the connection: HTTP/2 error 2"),
        (_hangs_up, "closed the connection before"),
    ],
)
def test_what_is_no_answer_closes_the_connection(
    misbehave: Callable[[Peer, int, bytes], None], said: str, scripted: Any
) -> None:
    """Each is a typed error with a reason, and the next call finds a new connection."""
    server = scripted(_serves(misbehave), _serves(_echo))
    connection = _connection(server)
    with pytest.raises(EdgeUnreachableError, match=said):
        _call(connection)
    assert not connection.is_open
    assert _call(connection).status == 200
    connection.close()


def test_the_wrong_port_is_named(scripted: Any) -> None:
    """What speaks HTTP/1.1 refuses and hangs up."""

    def http(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with pytest.raises(EdgeUnreachableError, match="is that TorchServe's gRPC port"):
        _call(_connection(scripted(http)))


def test_a_flood_ends_at_the_cap(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more memory is taken than an answer may have."""
    monkeypatch.setattr("device_runtime.exchange.grpc_exchange.LARGEST_ANSWER_BYTES", 100_000)

    def flood(peer: Peer, stream: int, _: bytes) -> None:
        peer.h2.send_headers(stream, OK)
        for _part in range(20):
            peer.h2.send_data(stream, b"\1" * 16384)
            peer.flush()

    connection = _connection(scripted(_serves(flood)))
    with pytest.raises(EdgeUnreachableError, match="more than 100000 bytes"):
        _call(connection)


def test_silence_ends_at_the_deadline(scripted: Any) -> None:
    """A server that takes the call and says nothing; no late answer is taken for another's."""

    def wait(peer: Peer, _stream: int, _: bytes) -> None:
        while peer.socket.recv(65536):
            pass

    server = scripted(_serves(wait), _serves(_echo))
    connection = _connection(server)
    with pytest.raises(EdgeTimeoutError, match="within the budget"):
        _call(connection, budget_s=SHORT_S)
    assert not connection.is_open
    assert _call(connection).status == 200
    connection.close()


def test_a_kept_connection_that_was_closed_is_opened_again(scripted: Any) -> None:
    """The server hung up in between: seen before the call is sent, and no call is lost."""
    server = scripted(_serves(_echo), _serves(_echo))
    connection = _connection(server)
    assert _call(connection).status == 200
    while server.accepted == 1 and not is_readable(connection._socket):  # type: ignore[arg-type]
        pass
    assert _call(connection).status == 200
    assert server.accepted == 2
    connection.close()


def test_a_connection_is_opened_before_it_is_needed(scripted: Any) -> None:
    """Once; the call goes over it."""
    server = scripted(_serves(_echo))
    connection = _connection(server)
    for _ in range(2):
        connection.reopen(Deadline.after(LONG_S))
        assert connection.is_open
    assert _call(connection).status == 200
    assert server.accepted == 1
    connection.close()


def test_an_abandoned_connection_stays_closed(scripted: Any) -> None:
    """From then on every call is refused here."""
    connection = _connection(scripted(_serves(_echo)))
    assert _call(connection).status == 200
    connection.abandon()
    with pytest.raises(EdgeUnreachableError, match="given up"):
        _call(connection)
