"""Plain HTTP questions to one address; an answer or a reason, never an exception."""

from __future__ import annotations

import http.client
import ssl
import time
from typing import TYPE_CHECKING

from edgent.doctor.connecting import connected
from edgent.doctor.observations import Reply
from edgent.tls_failure import TlsFailure, in_words, is_tls_alert

if TYPE_CHECKING:
    from edgent.server_url import ServerUrl

_TIMEOUT_S = 5.0
_LARGEST_ANSWER_BYTES = 16 * 1024 * 1024


class _Plain(http.client.HTTPConnection):
    """HTTP to a host whose name server may hang."""

    def connect(self) -> None:
        self.sock = connected(self.host, self.port, _TIMEOUT_S)


class _Secured(_Plain):
    """HTTP over TLS to an address whose certificate says nothing of its scope."""

    def __init__(self, address: ServerUrl, tls: ssl.SSLContext) -> None:
        super().__init__(address.host, address.port, timeout=_TIMEOUT_S)
        self._tls, self._name = tls, address.certified_name

    def connect(self) -> None:
        super().connect()
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._name)


class Visitor:
    """Asks over one kept connection; a question that fails on a kept connection is asked once more."""

    def __init__(self, address: ServerUrl, tls: ssl.SSLContext | None) -> None:
        """Remember where to connect.

        Args:
            address: the server's; its path goes before those of the questions.
            tls: for https; http when None.
        """
        self._address = address
        self._connection = (
            _Plain(address.host, address.port, timeout=_TIMEOUT_S) if tls is None else _Secured(address, tls)
        )

    def ask(self, method: str, path: str, *, body: bytes = b"", token: str | None = None) -> Reply:
        """Send one request; a reply of status 0 tells why none came."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        reply = Reply(0, b"")
        for _ in range(2):
            was_open = self._connection.sock is not None
            began_s = time.perf_counter()
            try:
                self._connection.request(method, self._address.path + path, body, headers)
                response = self._connection.getresponse()
                content = response.read(_LARGEST_ANSWER_BYTES)
                return Reply(response.status, content, time.perf_counter() - began_s)
            except (OSError, ValueError, http.client.HTTPException) as error:
                # ValueError: of a host name that none can have, or a token that no header can hold.
                self._connection.close()
                reply = Reply(0, self._why(error).encode())
                if not was_open or isinstance(error, TimeoutError):
                    break
        return reply

    def _why(self, error: Exception) -> str:
        """Why no answer came, in words."""
        if isinstance(error, ssl.SSLError):
            return str(TlsFailure.of(error, self._address.certified_name))
        line = str(error) if isinstance(error, http.client.BadStatusLine) else ""
        if is_tls_alert(line.encode("latin-1", "replace")):
            return "it speaks TLS at this port: write https://"
        return in_words(error)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
