"""Plain HTTP questions to one address; an answer or a reason, never an exception."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING

from edgent.doctor.observations import Reply

if TYPE_CHECKING:
    import ssl

    from edgent.server_url import ServerUrl

_TIMEOUT_S = 5.0
_LARGEST_ANSWER_BYTES = 16 * 1024 * 1024


class Visitor:
    """Asks over one kept connection; a question that fails on a kept connection is asked once more."""

    def __init__(self, address: ServerUrl, tls: ssl.SSLContext | None) -> None:
        """Remember where to connect.

        Args:
            address: the server's; its path goes before those of the questions.
            tls: for https; http when None.
        """
        self._path, host, port = address.path, address.host, address.port
        if tls is None:
            self._connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
        else:
            self._connection = http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=tls)

    def ask(self, method: str, path: str, *, body: bytes = b"", token: str | None = None) -> Reply:
        """Send one request; a reply of status 0 tells why none came."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        reply = Reply(0, b"")
        for _ in range(2):
            was_open = self._connection.sock is not None
            began_s = time.perf_counter()
            try:
                self._connection.request(method, self._path + path, body, headers)
                response = self._connection.getresponse()
                content = response.read(_LARGEST_ANSWER_BYTES)
                return Reply(response.status, content, time.perf_counter() - began_s)
            except (OSError, ValueError, http.client.HTTPException) as error:
                # ValueError: of a host name that none can have, or a token that no header can hold.
                self._connection.close()
                reply = Reply(0, (str(error) or type(error).__name__).encode())
                if not was_open or isinstance(error, TimeoutError):
                    break
        return reply

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
