"""The server's side of an HTTP/2 connection, for what asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, PingAckReceived, RequestReceived, StreamEnded

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

OK = [(":status", "200"), ("content-type", "application/grpc")]
DONE = [("grpc-status", "0")]


class Peer:
    """The server's side of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.headers: dict[str, str] = {}
        self.acknowledged_pings = 0
        self.flush()

    def flush(self) -> None:
        """Send what waits."""
        self.socket.sendall(self.h2.data_to_send())

    def take_call(self, *, renews_window: bool = True) -> tuple[int, bytes]:
        """The next call: its stream, and its message."""
        message, ended = b"", 0
        while not ended:
            data = self.socket.recv(65536)
            if not data:
                raise OSError("the device closed the connection")
            for event in self.h2.receive_data(data):
                if isinstance(event, RequestReceived):
                    self.headers = dict(event.headers)  # type: ignore[arg-type]  # decoded, as configured
                elif isinstance(event, DataReceived):
                    message += event.data
                    if renews_window:
                        self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, PingAckReceived):
                    self.acknowledged_pings += 1
                elif isinstance(event, StreamEnded):
                    ended = event.stream_id
            self.flush()
        return ended, message

    def answer(
        self, stream: int, message: bytes, trailers: Sequence[tuple[str, str]] = DONE, *, ping: bool = False
    ) -> None:
        """A whole answer, in one write."""
        if ping:
            self.h2.ping(b"12345678")
        self.h2.send_headers(stream, OK)
        self.h2.send_data(stream, message)
        self.h2.send_headers(stream, trailers, end_stream=True)
        self.flush()
