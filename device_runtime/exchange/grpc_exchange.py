"""One gRPC call and its answer over a kept HTTP/2 connection: TorchServe's other interface.

HTTP/1.1 says 350 bytes of headers again with every request and answer. HTTP/2 says them once and refers to
them afterwards, which leaves about 100: at 50 kbps that is 40 ms. For it TorchServe takes some tenths of a
millisecond more (docs/laboratory/hop.md). A call is one write. Its answer is there with the last byte of the
message: the trailers, often a packet of their own, are read before the next call. The two messages are
written here, for TorchServe's wheel has no .proto files::

    PredictionsRequest  {1: model_name, 2: model_version, 3: map<string, bytes> input}
    PredictionResponse  {1: prediction}
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings
from hpack import HeaderTuple, NeverIndexedHeaderTuple

from device_runtime.exchange.carrier import RawAnswer
from device_runtime.exchange.kept_connection import (
    LARGEST_ANSWER_BYTES,
    KeptConnection,
    check_no_tls,
    is_readable,
    limit,
)
from device_runtime.exchange.torchserve_answers import grpc_prediction, grpc_refusal
from device_runtime.watching.spans import TRACEPARENT
from edgent.errors import EdgeUnreachableError
from edgent.server_words import shown

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from pathlib import Path

    from device_runtime.deadline import Deadline

_PATH = "/org.pytorch.serve.grpc.inference.InferenceAPIsService/Predictions"
_WINDOW_BYTES = 2**31 - 1  # so that no bytes go into telling the server that it may go on
_FIRST_WINDOW_BYTES = 65535  # HTTP/2's own; a larger message relies on what the server allowed since
_PREFIX_BYTES = 5  # of a gRPC message: compressed or not, and its length
_READ_BYTES = 64 * 1024
_CONTROL_EVERY_S = 30.0
"""TorchServe's gRPC sends a ping with an answer to measure the link, and another once that is answered: 17
bytes each way and a packet, 16 ms at 50 kbps. All are answered, at most so often, together with a request."""


@dataclass
class _Call:
    """What came in of one call's answer."""

    stream: int
    headers: dict[str, str] = field(default_factory=dict)
    message: bytearray = field(default_factory=bytearray)
    ended: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the one message of the answer came in; after it the server has nothing to say but that."""
        size_bytes = int.from_bytes(self.message[1:_PREFIX_BYTES], "big")
        return len(self.message) >= _PREFIX_BYTES + size_bytes

    def take(self, event: Event) -> None:
        """Take in what the server sent.

        Raises:
            EdgeUnreachableError: it ended the call or the connection, or sends too much.
        """
        if isinstance(event, ConnectionTerminated):
            raise EdgeUnreachableError(f"the edge ended the connection: HTTP/2 error {event.error_code}")
        if getattr(event, "stream_id", None) != self.stream:
            return
        if isinstance(event, StreamReset) and not self.ended:  # behind an answer it only stops the request
            raise EdgeUnreachableError(f"the edge ended the call: HTTP/2 error {event.error_code}")
        if isinstance(event, (ResponseReceived, TrailersReceived)):
            self.headers |= {_text(name): _text(value) for name, value in event.headers}
        elif isinstance(event, DataReceived):
            self.message += event.data
            if len(self.message) > LARGEST_ANSWER_BYTES:
                raise EdgeUnreachableError(f"the edge sends more than {LARGEST_ANSWER_BYTES} bytes")
        elif isinstance(event, StreamEnded):
            self.ended = True

    def outcome(self) -> tuple[int, bytes]:
        """Status and body as TorchServe's HTTP interface would answer.

        Raises:
            EdgeUnreachableError: the answer breaks off, or is none of gRPC's.
        """
        status, why = self.headers.get("grpc-status"), unquote(self.headers.get("grpc-message", ""))
        if status is None and not self.is_whole:
            raise EdgeUnreachableError(
                f"no gRPC answer: HTTP status {shown(self.headers.get(':status', 'none'))}"
            )
        if status is not None and status != "0":
            return grpc_refusal(status, why)
        return grpc_prediction(_prediction(bytes(self.message)))


class GrpcConnection(KeptConnection):
    """TorchServe's gRPC interface."""

    def __init__(self, url: str, ca_file: Path | None = None) -> None:
        super().__init__(url, ca_file, protocols=["h2"])
        self._h2 = H2Connection()
        self._held = b""  # control frames that wait for a request to go with
        self._control_sent_s = -math.inf
        self._sent_bytes = self._received_bytes = self._first_bytes = 0
        self._first_at_s = self._last_at_s = 0.0

    def predict(
        self,
        head: str,
        token: str | None,
        body: bytes,
        deadline: Deadline,
        version: str = "",
        trace: str = "",
    ) -> RawAnswer:
        """See :meth:`device_runtime.exchange.carrier.Carrier.predict`."""
        self._sent_bytes = self._received_bytes = self._first_bytes = 0
        with self._exchange(H2Error):
            headers = self._headers(token, trace)
            status, answer = self._call(_request(head, version, body), headers, deadline).outcome()
            self._has_answered = True
        trailing_bytes = self._received_bytes - self._first_bytes
        trailing_s = self._last_at_s - self._first_at_s
        return RawAnswer(status, answer, self._sent_bytes, self._received_bytes, trailing_bytes, trailing_s)

    def reopen(self, deadline: Deadline) -> None:
        """See :meth:`device_runtime.exchange.carrier.Carrier.reopen`."""
        with self._exchange(H2Error):
            if self._kept(deadline) is None:
                self._open(deadline)

    def _call(
        self, message: bytes, headers: Sequence[tuple[str, str] | HeaderTuple], deadline: Deadline
    ) -> _Call:
        connection = self._kept(deadline) or self._open(deadline)
        call = _Call(self._h2.get_next_available_stream_id())
        self._h2.send_headers(call.stream, headers)
        self._send(connection, call, message, deadline)
        while not (call.ended or call.is_whole):
            self._receive(connection, call, deadline)
        return call

    def _headers(self, token: str | None, trace: str) -> list[tuple[str, str] | HeaderTuple]:
        headers: list[tuple[str, str] | HeaderTuple] = [
            (":method", "POST"),
            (":scheme", "https" if self._tls else "http"),
            (":authority", self._url.authority),
            (":path", _PATH),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
        ]
        if token:
            headers.append(("authorization", f"Bearer {token}"))
        if trace:  # never the same again, so it is not remembered, and pushes nothing else out of memory
            headers.append(NeverIndexedHeaderTuple(TRACEPARENT, trace))
        return headers

    def _open(self, deadline: Deadline) -> socket.socket:
        connection = self._connect(deadline)
        # Without normalising, a token is said once and referred to afterwards like the other headers.
        self._h2 = H2Connection(H2Configuration(header_encoding="utf-8", normalize_outbound_headers=False))
        settings = {SettingCodes.ENABLE_PUSH: 0, SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW_BYTES}
        self._h2.local_settings = Settings(client=True, initial_values=settings)
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(_WINDOW_BYTES - 65535)
        self._held, self._control_sent_s = b"", -math.inf
        return connection

    def _kept(self, deadline: Deadline) -> socket.socket | None:
        """The kept connection, after what came in since; None if that was its end."""
        while self._socket is not None and is_readable(self._socket):
            limit(self._socket, deadline)
            data = self._socket.recv(_READ_BYTES)
            if not data or any(isinstance(event, ConnectionTerminated) for event in self._take_in(data)):
                self.close()
        return self._socket

    def _send(self, connection: socket.socket, call: _Call, message: bytes, deadline: Deadline) -> None:
        """The call's message, in as many frames as it takes; more than the server's window must wait."""
        rest = memoryview(message)  # or what is left would be copied for each of thousands of frames
        while True:
            window_bytes = self._h2.local_flow_control_window(call.stream)
            size = min(len(rest), window_bytes, self._h2.max_outbound_frame_size)
            if size:
                self._h2.send_data(call.stream, rest[:size], end_stream=size == len(rest))
                rest = rest[size:]
            if rest and size:
                continue
            self._write(connection, deadline, with_control=len(message) > _FIRST_WINDOW_BYTES)
            if not rest:
                return
            self._receive(connection, call, deadline)
            if call.ended:  # the server refuses what it has not read to its end, and reads no more of it
                self.close()
                return

    def _write(self, connection: socket.socket, deadline: Deadline, with_control: bool) -> None:
        outgoing, now_s = self._h2.data_to_send(), deadline.clock()
        if self._held and (with_control or now_s - self._control_sent_s >= _CONTROL_EVERY_S):
            # First, because the server allows a larger window from our answer to its settings on.
            outgoing = self._held + outgoing
            self._held, self._control_sent_s = b"", now_s
        limit(connection, deadline)
        connection.sendall(outgoing)
        self._sent_bytes += len(outgoing)

    def _receive(self, connection: socket.socket, call: _Call, deadline: Deadline) -> None:
        limit(connection, deadline)
        data = connection.recv(_READ_BYTES)
        if not data:
            hint = "" if self._has_answered else ": is that TorchServe's gRPC port?"
            hint += "" if self._has_answered or self._tls else " Where it speaks TLS, write grpcs://"
            raise OSError(f"the edge closed the connection before it had answered{hint}")
        if not (self._tls or self._has_answered or self._received_bytes):
            check_no_tls(data, self._url)
        self._last_at_s = deadline.clock()
        self._received_bytes += len(data)
        if not call.headers:
            # Window updates come while a long request is still on its way: an answer begins with its headers.
            self._first_bytes, self._first_at_s = self._received_bytes, self._last_at_s
        for event in self._take_in(data):
            call.take(event)

    def _take_in(self, data: bytes) -> list[Event]:
        """What the server sent; what HTTP/2 answers to it by itself is held."""
        events = self._h2.receive_data(data)
        for event in events:
            if isinstance(event, DataReceived):
                self._h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
        self._held += self._h2.data_to_send()
        return events


def _request(head: str, version: str, body: bytes) -> bytes:
    model = _field(1, head.encode()) + (_field(2, version.encode()) if version else b"")
    message = model + _field(3, _field(1, b"body") + _field(2, body))
    return b"\0" + len(message).to_bytes(4, "big") + message


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field of protobuf."""
    size, length = len(content), bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + content


def _prediction(message: bytes) -> bytes:
    """The first field of the one message of an answer; empty where it has none.

    Raises:
        EdgeUnreachableError: it breaks off, or is another message.
    """
    size = int.from_bytes(message[1:_PREFIX_BYTES], "big")
    content = message[_PREFIX_BYTES:]
    if len(message) < _PREFIX_BYTES or message[0] or size != len(content):
        raise EdgeUnreachableError(f"the answer broke off after {len(content)} of {size} bytes")
    if not content:
        return b""
    length, place = 0, 0
    for place, byte in enumerate(content[1:6]):
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            break
    start = place + 2
    if content[0] != 1 << 3 | 2 or start + length > len(content):
        raise EdgeUnreachableError("the edge answers with another message than a prediction")
    return content[start : start + length]


def _text(value: Sequence[int] | str) -> str:
    return value if isinstance(value, str) else bytes(value).decode("latin-1")
