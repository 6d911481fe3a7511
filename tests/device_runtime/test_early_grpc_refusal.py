"""A gRPC server that refuses a call before it has the whole of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from h2.events import DataReceived

from device_runtime.deadline import Deadline
from device_runtime.exchange.grpc_exchange import GrpcConnection
from tests.http2_peer import OK, Peer

if TYPE_CHECKING:
    import socket

REASON = "gRPC message exceeds maximum size"
ANSWER = b"\0\0\0\0\x03\x0a\x01x"


def _refuse(connection: socket.socket) -> None:
    peer, stream = Peer(connection), 0
    while not stream:
        events = peer.h2.receive_data(connection.recv(65536))
        stream = next((event.stream_id or 0 for event in events if isinstance(event, DataReceived)), 0)
    refusal = [*OK, ("grpc-status", "8"), ("grpc-message", REASON)]
    peer.h2.send_headers(stream, refusal, end_stream=True)
    peer.h2.reset_stream(stream, 0)
    peer.flush()
    while connection.recv(65536):
        pass


def _answer(connection: socket.socket) -> None:
    peer = Peer(connection)
    stream, _ = peer.take_call()
    peer.answer(stream, ANSWER)


def test_its_reason_is_told(scripted: Any) -> None:
    """As of a message that is too large; the next call finds a new connection."""
    server = scripted(_refuse, _answer)
    connection = GrpcConnection(server.url.replace("http:", "grpc:"))
    refused, answered = (
        connection.predict("head", None, body, Deadline.after(30.0)) for body in (bytes(400_000), b"frame")
    )
    assert (refused.status, json.loads(refused.body)["message"]) == (507, REASON)
    assert (answered.status, answered.body) == (200, b"x")
    assert server.accepted == 2
    connection.close()
