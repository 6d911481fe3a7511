"""The addresses of a host: a name server that hangs holds nobody up for longer than there is time."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future, wait
from typing import Any

from edgent.errors import EdgeTimeoutError

Addresses = list[Any]
"""As `socket.getaddrinfo` gives them."""


class NameLookup:
    """Asks the name server for one host, once at a time, in a thread that nobody has to wait for."""

    def __init__(self, host: str, port: int) -> None:
        """Nothing is asked yet."""
        self._host, self._port = host, port
        self._under_way: Future[Addresses] | None = None

    def addresses(self, patience_s: float) -> Addresses:
        """What the name server says.

        Args:
            patience_s: seconds to wait for it. A look-up that takes longer goes on, and the next call takes
                what it brings.

        Raises:
            EdgeTimeoutError: it said nothing in time.
            OSError: it knows no such host, or is not there.
        """
        if self._under_way is None:
            self._under_way = Future()
            threading.Thread(target=self._ask, args=(self._under_way,), name="names", daemon=True).start()
        asked = self._under_way
        if not wait([asked], patience_s).done:
            raise EdgeTimeoutError(
                f"{self._host}: no address from the name server within {1e3 * patience_s:.0f} ms; write the "
                "edge's address as a number, or see to the name server"
            )
        self._under_way = None
        return asked.result()

    def _ask(self, asked: Future[Addresses]) -> None:
        try:
            asked.set_result(socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001  whatever it is, who waits is told
            asked.set_exception(error)
