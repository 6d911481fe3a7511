"""One client for each transport; each sends a payload and returns what came back."""

import socket
import time
from typing import Protocol

import grpc

from benchmarks.studies.hop.echo_servers import NAME
from device_runtime.deadline import Deadline
from device_runtime.grpc_exchange import GrpcConnection
from device_runtime.http_exchange import HttpConnection

_TIMEOUT_S = 30.0


class EchoClient(Protocol):
    """A kept connection to an echo server."""

    def echo(self, payload: bytes) -> bytes:
        """Send a payload and wait for it to come back."""

    def close(self) -> None:
        """Close the connection."""


class HttpClient:
    """The client that the device runtime uses."""

    def __init__(self, url: str, path: str = f"/predictions/{NAME}") -> None:
        self._connection = HttpConnection(url)
        self._path = path

    def echo(self, payload: bytes) -> bytes:
        """One POST."""
        return self._connection.post(self._path, "", payload, Deadline.after(_TIMEOUT_S)).body

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class GrpcClient:
    """The other client that the device runtime uses."""

    def __init__(self, url: str) -> None:
        self._connection = GrpcConnection(url)

    def echo(self, payload: bytes) -> bytes:
        """One call."""
        return self._connection.predict(NAME, None, payload, Deadline.after(_TIMEOUT_S)).body

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class GrpcioClient:
    """TorchServe's gRPC with the usual library; the wheel has no .proto files, so messages are by hand.

    ``PredictionsRequest {1: model_name, 3: map<string, bytes> input}``, ``PredictionResponse {1: bytes}``.
    """

    def __init__(self, url: str) -> None:
        unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self._channel = grpc.insecure_channel(url.removeprefix("grpc://"), options=unlimited)
        self._predict = self._channel.unary_unary(
            "/org.pytorch.serve.grpc.inference.InferenceAPIsService/Predictions",
            request_serializer=lambda payload: (
                _field(1, NAME.encode()) + _field(3, _field(1, b"data") + _field(2, payload))
            ),
            response_deserializer=_first_field,
        )

    def echo(self, payload: bytes) -> bytes:
        """One call."""
        answer: bytes = self._predict(payload, timeout=_TIMEOUT_S)
        return answer

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()


class SocketClient:
    """Length-prefixed messages over a bare socket."""

    def __init__(self, port: int) -> None:
        deadline_s = time.monotonic() + _TIMEOUT_S
        while True:
            try:
                self._socket = socket.create_connection(("127.0.0.1", port))
                break
            except ConnectionRefusedError:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(0.05)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def echo(self, payload: bytes) -> bytes:
        """One message."""
        self._socket.sendall(len(payload).to_bytes(4, "big") + payload)
        return self._reader.read(int.from_bytes(self._reader.read(4), "big"))

    def close(self) -> None:
        """Close the connection."""
        self._reader.close()
        self._socket.close()


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _first_field(message: bytes) -> bytes:
    """The content of a message whose only field is number 1, length-delimited."""
    if not message:
        return b""
    size, shift, place = 0, 0, 1
    while True:
        byte = message[place]
        size |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return message[place : place + size]
