"""A connection to one server, opened when needed and kept while it works; every wait has a deadline."""

from __future__ import annotations

import contextlib
import math
import selectors
import socket
import ssl
from typing import TYPE_CHECKING

from edgent.core.wire import LARGEST_OVERHEAD_BYTES, LARGEST_TENSOR_BYTES
from edgent.errors import EdgeTimeoutError, EdgeUnreachableError
from edgent.name_lookup import NameLookup
from edgent.server_url import ServerUrl
from edgent.tls_failure import TlsFailure, in_words, is_tls_alert

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from device_runtime.deadline import Deadline
    from edgent.name_lookup import Addresses

LARGEST_ANSWER_BYTES = LARGEST_TENSOR_BYTES + LARGEST_OVERHEAD_BYTES
_ADDRESSES_KEPT_S = 60.0
_SHARE_FOR_NAMES = 0.5  # of the time left, where other addresses are known


class KeptConnection:
    """What HTTP and gRPC have in common: one socket, one exchange at a time.

    Attributes:
        certificate_expires_s: when the server's certificate ends, which was accepted last, in seconds since
            1970; None without TLS, and before the first connection.
    """

    def __init__(self, url: str, ca_file: Path | None = None, protocols: Sequence[str] = ()) -> None:
        """Remember where to connect.

        Args:
            url: scheme, host and port, and for HTTP a path before those of requests.
            ca_file: certificate authority for TLS, PEM; the system's when None.
            protocols: offered to the server when TLS is set up (ALPN).

        Raises:
            EdgeUnreachableError: the URL or the certificate authority cannot be used.
        """
        self._url = ServerUrl.parse(url, "http", "grpc")
        self._tls: ssl.SSLContext | None = None
        if self._url.over_tls:
            try:
                self._tls = ssl.create_default_context(cafile=ca_file)
            except OSError as error:
                said = f"{ca_file}: no certificate authority in PEM: {in_words(error)}"
                raise EdgeUnreachableError(said) from None
            if protocols:
                self._tls.set_alpn_protocols(list(protocols))
        self.certificate_expires_s: float | None = None
        self._socket: socket.socket | None = None
        self._names = NameLookup(self._url.host, self._url.port)
        self._addresses: Addresses = []
        self._resolved_at_s = 0.0
        self._turn = 0
        self._is_abandoned = False
        self._has_answered = False

    @property
    def is_open(self) -> bool:
        """Whether a connection is kept from an earlier request."""
        return self._socket is not None

    @contextlib.contextmanager
    def _exchange(self, *broken: type[Exception]) -> Iterator[None]:
        """Close the connection when an exchange on it fails, and say why.

        A late answer can then not be taken for that of a later request.

        Args:
            broken: exceptions that a server causes when it breaks the protocol.

        Raises:
            EdgeTimeoutError: the deadline passed first.
            EdgeUnreachableError: no connection, or it broke.
        """
        try:
            if self._is_abandoned:
                raise OSError("the connection was given up")
            yield
        except TimeoutError:
            self.close()
            raise EdgeTimeoutError(f"no answer from {self._url.authority} within the budget") from None
        except ssl.SSLError as error:
            self.close()
            failure = TlsFailure.of(error, self._url.certified_name)
            raise EdgeUnreachableError(f"{self._url.authority}: {failure}") from None
        except (OSError, ValueError, *broken) as error:  # type: ignore[misc]  # a tuple of exceptions it is
            self.close()
            what = repr(str(error))[1:-1] if str(error) else type(error).__name__  # no control characters
            raise EdgeUnreachableError(f"{self._url.authority}: {what}{self._hint(error)}") from None
        except BaseException:
            self.close()
            raise

    def _hint(self, error: Exception) -> str:
        """What may be wrong where a server breaks off that has answered nothing so far."""
        if self._tls or self._has_answered or not isinstance(error, (ConnectionResetError, BrokenPipeError)):
            return ""
        return f"; where it speaks TLS at this port, write {self._url.scheme}s:// in the edge's address"

    def _connect(self, deadline: Deadline) -> socket.socket:
        """Connect to the first of the host's addresses that answers; all of them share the deadline.

        Whose turn it is comes first.
        """
        addresses = self._resolved(deadline)
        first = self._turn % len(addresses)
        addresses = [*addresses[first:], *addresses[:first]]
        for tried, (family, kind, protocol, _, address) in enumerate(addresses):
            untried = len(addresses) - tried
            self._socket = connection = socket.socket(family, kind, protocol)
            limit(connection, deadline, share=1 / untried)
            try:
                connection.connect(address)
            except OSError:
                self.close()
                if untried == 1:
                    raise
            else:
                break
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            limit(connection, deadline)
            secured = self._tls.wrap_socket(connection, server_hostname=self._url.certified_name)
            self._socket = connection = secured
            self.certificate_expires_s = _expires_s(secured)
        if self._is_abandoned:
            raise OSError("the connection was given up")
        return connection

    def _resolved(self, deadline: Deadline) -> Addresses:
        """The host's addresses. Kept for a minute, because in an outage the name server may be out, too."""
        now_s = deadline.clock()
        if not self._addresses or now_s - self._resolved_at_s > _ADDRESSES_KEPT_S:
            self._addresses = self._named_anew(deadline)
            self._resolved_at_s = now_s
        return self._addresses

    def _named_anew(self, deadline: Deadline) -> Addresses:
        """What the name server says; what it said last where it says nothing in half of the time left.

        Raises:
            EdgeTimeoutError: it never said anything, nor before the deadline.
            OSError: it never said anything, and fails.
        """
        share = _SHARE_FOR_NAMES if self._addresses else 1.0
        try:
            return self._names.addresses(share * deadline.left_s())
        except (OSError, EdgeTimeoutError):
            if not self._addresses:
                raise
            return self._addresses

    def turn(self) -> None:
        """Close the connection, and open the next one to another of the host's addresses, named anew."""
        self.close()
        self._turn += 1
        self._resolved_at_s = -math.inf

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


def _expires_s(connection: ssl.SSLSocket) -> float | None:
    """When the certificate that the other side showed ends, in seconds since 1970."""
    said = (connection.getpeercert() or {}).get("notAfter")
    return None if said is None else float(ssl.cert_time_to_seconds(str(said)))


def limit(connection: socket.socket, deadline: Deadline, share: float = 1.0) -> None:
    """Let the next call on a socket take a share of the time left.

    Raises:
        TimeoutError: no time is left.
    """
    left_s = share * deadline.left_s()
    if not left_s:
        raise TimeoutError
    connection.settimeout(left_s)


def check_no_tls(received: bytes, url: ServerUrl) -> None:
    """Refuse the first bytes of a server that was asked without TLS, where they are those of TLS.

    Raises:
        EdgeUnreachableError: they are.
    """
    if is_tls_alert(received):
        raise EdgeUnreachableError(
            f"{url.authority}: it speaks TLS at this port: write {url.scheme}s:// in the edge's address"
        )


def is_readable(connection: socket.socket) -> bool:
    """Whether something came in, the connection's end included.

    Not by select(), which knows no file number of 1024 or more, as a program with many open files has.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        return bool(selector.select(0))
