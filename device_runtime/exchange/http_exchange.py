"""One HTTP/1.1 request and its answer over a kept connection, within one deadline.

The request is one write; the answer is parsed by ``http.client``. Every read waits for what is left of the
deadline and no longer, so that an edge which drips bytes cannot hold the device.
"""

from __future__ import annotations

import http.client
import io
from typing import TYPE_CHECKING, Any

from device_runtime.exchange.carrier import RawAnswer
from device_runtime.exchange.kept_connection import (
    LARGEST_ANSWER_BYTES,
    KeptConnection,
    check_no_tls,
    is_readable,
    limit,
)
from device_runtime.watching.spans import TRACEPARENT
from edgent.errors import EdgeUnreachableError

if TYPE_CHECKING:
    import socket

    from device_runtime.deadline import Deadline


class _CountedReader(io.RawIOBase):
    """Reads a socket until a deadline, and counts the bytes."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        self.count_bytes = self.first_bytes = 0
        self._first_at_s = self._last_at_s = 0.0

    @property
    def trailing_s(self) -> float:
        """Seconds from the first bytes that came to the last ones."""
        return self._last_at_s - self._first_at_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        limit(self._connection, self._deadline)
        count = self._connection.recv_into(buffer)
        self._last_at_s = self._deadline.clock()
        if not self.count_bytes:
            self.first_bytes, self._first_at_s = count, self._last_at_s
        self.count_bytes += count
        return count

    def makefile(self, mode: str) -> io.BufferedReader:  # what http.client asks its socket for
        return io.BufferedReader(self)


class HttpConnection(KeptConnection):
    """TorchServe's REST interface, or any HTTP server."""

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
        # No content type: TorchServe takes a body without one as it is, and the header costs 40 bytes.
        headers = f"Authorization: Bearer {token}\r\n" if token else ""
        if trace:
            headers += f"{TRACEPARENT}: {trace}\r\n"
        path = f"/predictions/{head}/{version}" if version else f"/predictions/{head}"
        return self.post(path, headers, body, deadline)

    def reopen(self, deadline: Deadline) -> None:
        """See :meth:`device_runtime.exchange.carrier.Carrier.reopen`."""
        with self._exchange():
            if self._kept() is None:
                self._connect(deadline)

    def post(self, path: str, headers: str, body: bytes, deadline: Deadline) -> RawAnswer:
        """Send a request and wait for the whole answer.

        Args:
            path: the request's path, without that of the edge's URL.
            headers: further header lines, each ended by CRLF.
            body: the request's body.
            deadline: when to give up.

        Raises:
            EdgeTimeoutError: the deadline passed first; the connection is closed, so that the late answer
                cannot be taken for that of a later request.
            EdgeUnreachableError: no connection, or it broke.
        """
        url = self._url
        head = f"POST {url.path}{path} HTTP/1.1\r\nHost: {url.authority}\r\nContent-Length: {len(body)}\r\n"
        request = f"{head}{headers}\r\n".encode("latin-1") + body
        with self._exchange(http.client.HTTPException):
            connection = self._kept() or self._connect(deadline)
            limit(connection, deadline)
            connection.sendall(request)
            reader = _CountedReader(connection, deadline)
            # Closed whatever comes: what is left to the garbage collector complains on Python 3.13.
            with http.client.HTTPResponse(reader, method="POST") as response:  # type: ignore[arg-type]  # reads only
                self._begin(response)
                answer = _content(response)
                if response.will_close:
                    self.close()
        self._has_answered = True
        trailing_bytes = reader.count_bytes - reader.first_bytes
        return RawAnswer(
            response.status, answer, len(request), reader.count_bytes, trailing_bytes, reader.trailing_s
        )

    def _begin(self, response: http.client.HTTPResponse) -> None:
        """Read the head of an answer, and see whether it is one of TLS.

        Raises:
            EdgeUnreachableError: it is.
        """
        try:
            response.begin()
        except http.client.BadStatusLine as error:
            check_no_tls(str(error).encode("latin-1", "replace"), self._url)
            raise

    def _kept(self) -> socket.socket | None:
        """The kept connection, unless its end or an answer that no request waits for came in since."""
        if self._socket is not None and is_readable(self._socket):
            self.close()
        return self._socket


def _content(response: http.client.HTTPResponse) -> bytes:
    """The whole body of an answer, of a length that is announced or in chunks.

    Raises:
        EdgeUnreachableError: it is too large, breaks off, or nothing tells where it ends.
    """
    length_bytes = response.length
    if length_bytes is None and not response.chunked:
        raise EdgeUnreachableError("the edge answers with neither a length nor chunks: is that TorchServe?")
    if length_bytes is not None and length_bytes > LARGEST_ANSWER_BYTES:
        raise EdgeUnreachableError(f"the edge announces {length_bytes} bytes; at most {LARGEST_ANSWER_BYTES}")
    content = response.read(LARGEST_ANSWER_BYTES + 1)
    if len(content) > LARGEST_ANSWER_BYTES:
        raise EdgeUnreachableError(f"the edge sends more than {LARGEST_ANSWER_BYTES} bytes")
    if length_bytes is not None and len(content) != length_bytes:
        raise EdgeUnreachableError(f"the answer broke off after {len(content)} of {length_bytes} bytes")
    return content
