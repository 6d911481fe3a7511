"""A client for each transport: a function that sends a payload and returns what came back."""

import contextlib
import socket
import time
from collections.abc import Callable
from typing import TypeAlias

import grpc

from benchmarks.studies.hop.servers import NAME
from device_runtime.deadline import Deadline
from device_runtime.exchange.grpc_exchange import GrpcConnection
from device_runtime.exchange.http_exchange import HttpConnection

Echo: TypeAlias = Callable[[bytes], bytes]
_TIMEOUT_S = 30.0


def http_client(stack: contextlib.ExitStack, url: str) -> Echo:
    """The client that the device runtime uses; the stack closes its connection, as that of all clients."""
    connection = HttpConnection(url)
    stack.callback(connection.close)
    path = f"/predictions/{NAME}"
    return lambda payload: connection.post(path, "", payload, Deadline.after(_TIMEOUT_S)).body


def grpc_client(stack: contextlib.ExitStack, url: str) -> Echo:
    """The other client that the device runtime uses."""
    connection = GrpcConnection(url)
    stack.callback(connection.close)
    return lambda payload: connection.predict(NAME, None, payload, Deadline.after(_TIMEOUT_S)).body


def grpcio_client(stack: contextlib.ExitStack, url: str) -> Echo:
    """TorchServe's gRPC with the usual library; the wheel has no .proto files, so messages are by hand.

    ``PredictionsRequest {1: model_name, 3: map<string, bytes> input}``, ``PredictionResponse {1: bytes}``.
    """
    unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    channel = grpc.insecure_channel(url.removeprefix("grpc://"), options=unlimited)
    stack.callback(channel.close)
    predict = channel.unary_unary(
        "/org.pytorch.serve.grpc.inference.InferenceAPIsService/Predictions",
        request_serializer=lambda payload: (
            _field(1, NAME.encode()) + _field(3, _field(1, b"data") + _field(2, payload))
        ),
        response_deserializer=_first_field,
    )

    def echo(payload: bytes) -> bytes:
        answer: bytes = predict(payload, timeout=_TIMEOUT_S)
        return answer

    return echo


def socket_client(stack: contextlib.ExitStack, port: int) -> Echo:
    """Length-prefixed messages over a bare socket, once a server listens."""
    deadline_s = time.monotonic() + _TIMEOUT_S
    while True:
        try:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            break
        except ConnectionRefusedError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.05)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    reader = stack.enter_context(connection.makefile("rb"))

    def echo(payload: bytes) -> bytes:
        connection.sendall(len(payload).to_bytes(4, "big") + payload)
        return reader.read(int.from_bytes(reader.read(4), "big"))

    return echo


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _first_field(message: bytes) -> bytes:
    """The content of a message whose only field is number 1, length-delimited."""
    size, shift, place = 0, 0, 1
    while place < len(message):
        byte = message[place]
        size |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            break
    return message[place : place + size]
