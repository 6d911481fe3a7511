"""Servers that answer from a script, on a raw socket: what no well-behaved server would do."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class ScriptedServer:
    """Each connection is handled by the next function of a script, and closed when that returns."""

    def __init__(self, script: list[Callable[[socket.socket], object]]) -> None:
        self._script = script
        self.accepted = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        for handle in self._script:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # stopped before the script was through
                return
            self.accepted += 1
            with connection, contextlib.suppress(OSError):
                handle(connection)

    def stop(self) -> None:
        """End the thread, wherever in its script it is."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def scripted() -> Iterator[Callable[..., ScriptedServer]]:
    """Starts servers: one function for each connection they will take."""
    with contextlib.ExitStack() as servers:

        def start(*script: Callable[[socket.socket], object]) -> ScriptedServer:
            server = ScriptedServer(list(script))
            servers.callback(server.stop)
            return server

        yield start
