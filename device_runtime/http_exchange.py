"""One HTTP/1.1 request and its answer over a kept connection, within one deadline.

The request is one write; the answer is parsed by ``http.client``. Every read waits for what is left of the
deadline and no longer, so that an edge which drips bytes cannot hold the device.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import select
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from edgent.errors import EdgeTimeoutError, EdgeUnreachableError

if TYPE_CHECKING:
    from pathlib import Path

    from device_runtime.deadline import Deadline

LARGEST_ANSWER_BYTES = 64 * 1024 * 1024
_ADDRESSES_KEPT_S = 60.0


@dataclass(frozen=True)
class HttpAnswer:
    """What came back.

    Attributes:
        sent_s: when the request had been handed to the system, on the deadline's clock.
        first_byte_s: when the status line was there.
        sent_bytes: bytes of the request, header and body.
        received_bytes: bytes of the answer, header and body.
    """

    status: int
    body: bytes
    sent_s: float
    first_byte_s: float
    sent_bytes: int
    received_bytes: int


class _CountedReader(io.RawIOBase):
    """Reads a socket until a deadline, and counts."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        self.count_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        _limit(self._connection, self._deadline)
        count = self._connection.recv_into(buffer)
        self.count_bytes += count
        return count

    def makefile(self, mode: str) -> io.BufferedReader:  # what http.client asks its socket for
        return io.BufferedReader(self)


def _limit(connection: socket.socket, deadline: Deadline, share: float = 1.0) -> None:
    """Let the next call on a socket take what is left and no longer; nothing left is an end in itself."""
    left_s = share * deadline.left_s()
    if not left_s:
        raise TimeoutError
    connection.settimeout(left_s)


def _host_and_port(url: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # brackets that do not match, or a port that is no number up to 65535
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise EdgeUnreachableError(
            f"{url!r} is no address of an edge: write http://HOST:PORT or https://HOST:PORT"
        )
    return host, port


class HttpConnection:
    """A connection to one server that is opened when needed and kept while it works."""

    def __init__(self, url: str, ca_file: Path | None = None) -> None:
        """Remember where to connect.

        Args:
            url: scheme, host and port.
            ca_file: certificate authority for https, PEM; the system's when None.

        Raises:
            EdgeUnreachableError: the URL or the certificate authority cannot be used.
        """
        parts = urlsplit(url)
        self._host, port = _host_and_port(url)
        self._tls: ssl.SSLContext | None = None
        if parts.scheme == "https":
            try:
                self._tls = ssl.create_default_context(cafile=ca_file)
            except OSError as error:
                raise EdgeUnreachableError(f"{ca_file}: no certificate authority in PEM: {error}") from None
        self._port = port or (443 if self._tls else 80)
        self._host_header = parts.netloc
        self._socket: socket.socket | None = None
        self._addresses: list[Any] = []
        self._resolved_at_s = 0.0
        self._is_abandoned = False

    @property
    def is_open(self) -> bool:
        """Whether a connection is kept from an earlier request."""
        return self._socket is not None

    def post(self, path: str, headers: str, body: bytes, deadline: Deadline) -> HttpAnswer:
        """Send a request and wait for the whole answer.

        Args:
            path: the request's path.
            headers: further header lines, each ended by CRLF.
            body: the request's body.
            deadline: when to give up.

        Raises:
            EdgeTimeoutError: the deadline passed first; the connection is closed, so that the late answer
                cannot be taken for that of a later request.
            EdgeUnreachableError: no connection, or it broke.
        """
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host_header}\r\nContent-Length: {len(body)}\r\n"
        request = f"{head}{headers}\r\n".encode("latin-1") + body
        try:
            if self._is_abandoned:
                raise OSError("the connection was given up")
            connection = self._kept() or self._connect(deadline)
            _limit(connection, deadline)
            connection.sendall(request)
            sent_s = deadline.clock()
            reader = _CountedReader(connection, deadline)
            response = http.client.HTTPResponse(reader, method="POST")  # type: ignore[arg-type]  # reads only
            response.begin()
            first_byte_s = deadline.clock()
            if response.length is None or response.length > LARGEST_ANSWER_BYTES:
                raise EdgeUnreachableError(
                    f"the edge announces {response.length} bytes; at most {LARGEST_ANSWER_BYTES}"
                )
            expected_bytes = response.length
            answer = response.read()
            if len(answer) != expected_bytes:
                raise EdgeUnreachableError(
                    f"the answer broke off after {len(answer)} of {expected_bytes} bytes"
                )
            if response.will_close:
                self.close()
            return HttpAnswer(response.status, answer, sent_s, first_byte_s, len(request), reader.count_bytes)
        except TimeoutError:
            self.close()
            raise EdgeTimeoutError(f"no answer from {self._host_header} within the budget") from None
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise EdgeUnreachableError(
                f"{self._host_header}: its certificate is not accepted: {error.verify_message}; "
                f"see edge.ca_file and the host in edge.inference_url (`edgent doctor` tells more)"
            ) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            what = str(error) or type(error).__name__
            raise EdgeUnreachableError(f"{self._host_header}: {what}") from None
        except BaseException:
            self.close()
            raise

    def _kept(self) -> socket.socket | None:
        """The kept connection, if nothing came in since: no end, no answer to nobody."""
        if self._socket is not None and select.select([self._socket], [], [], 0)[0]:
            self.close()
        return self._socket

    def _connect(self, deadline: Deadline) -> socket.socket:
        """Connect to the first of the host's addresses that answers; all of them share the deadline."""
        addresses = self._resolved(deadline)
        for others, (family, kind, protocol, _, address) in zip(
            range(len(addresses) - 1, -1, -1), addresses, strict=True
        ):
            self._socket = connection = socket.socket(family, kind, protocol)
            _limit(connection, deadline, share=1 / (others + 1))
            try:
                connection.connect(address)
            except OSError:
                self.close()
                if not others:
                    raise
            else:
                break
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            _limit(connection, deadline)
            self._socket = connection = self._tls.wrap_socket(connection, server_hostname=self._host)
        if self._is_abandoned:
            raise OSError("the connection was given up")
        return connection

    def _resolved(self, deadline: Deadline) -> list[Any]:
        """The host's addresses. A name server is not asked again in every outage: it may be out, too."""
        now_s = deadline.clock()
        if not self._addresses or now_s - self._resolved_at_s > _ADDRESSES_KEPT_S:
            self._addresses = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            self._resolved_at_s = now_s
        return self._addresses

    def close(self) -> None:
        """Close the connection, if there is one; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def abandon(self) -> None:
        """From another thread: end the exchange that is under way, and let none follow."""
        self._is_abandoned = True
        connection = self._socket
        if connection is not None:
            with contextlib.suppress(OSError):  # it was not connected, or is closed already
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
