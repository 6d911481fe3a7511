"""The process that serves the live page: it reads a recording from its input, and ends with it.

``python -m edgent.page.server HOST PORT``; its output is the line ``ready``, or why it cannot serve.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from threading import Thread
from typing import TYPE_CHECKING

from bokeh.application import Application
from bokeh.application.handlers import FunctionHandler
from bokeh.server.server import Server

from edgent.errors import DataError
from edgent.page.address import LOOPBACK, TOKEN_VARIABLE, is_loopback
from edgent.page.document import Page
from edgent.page.gates import LoopbackGate, TokenGate
from edgent.recording.history import History
from edgent.recording.reading import read_description, read_lines

if TYPE_CHECKING:
    from bokeh.document import Document

_MOST_ANSWERS = 2000
_EVERY_MS = 500
_NAME = "the device's recording"


def serve(host: str, port: int, token: str | None) -> None:
    """Serve until the recording ends.

    Args:
        host: a name or an address of this machine.
        port: TCP port; 0: a free one, for tests.
        token: that opens the page; None: everybody on this machine may see it.

    Raises:
        DataError: the input is no recording.
        OSError: nothing can be served there.
    """

    def open_page(document: Document) -> None:
        page = Page(history, _MOST_ANSWERS)
        page.fill(document)
        document.add_periodic_callback(page.update, _EVERY_MS)

    server = Server(
        {"/": Application(FunctionHandler(open_page))},
        address=host,
        port=port,
        allow_websocket_origin=_origins(host, port),
        auth_provider=TokenGate(token) if token else LoopbackGate(),
        include_headers=[],
        include_cookies=[],
    )

    _say("ready")
    recording = sys.stdin.buffer
    history = History(read_description(recording, _NAME), _MOST_ANSWERS)

    def read() -> None:
        try:
            for line in read_lines(recording, _NAME):
                server.io_loop.add_callback(history.add, line)
        finally:
            server.io_loop.add_callback(end)

    def end() -> None:
        """Stop once every page was told what came last."""
        wait_s = 2 * _EVERY_MS / 1e3 if server.get_sessions() else 0.0
        server.io_loop.call_later(wait_s, server.io_loop.stop)

    server.start()
    Thread(target=read, name="reading", daemon=True).start()
    server.io_loop.start()
    server.stop()


def _origins(host: str, port: int) -> list[str]:
    """Which pages may open a connection: on loopback, only our own; elsewhere, those that got the cookie."""
    names = [host, "localhost", LOOPBACK] if is_loopback(host) else ["*"]
    return [f"{name}:{port}" for name in names]


def _say(line: str) -> None:
    """Tell whoever started this process."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Run the process; what it cannot do it says in a line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the device's, which then closes our input
    logging.basicConfig(level=logging.ERROR)
    host, port = sys.argv[1], int(sys.argv[2])
    try:
        serve(host, port, os.environ.get(TOKEN_VARIABLE) or None)
    except DataError as error:
        _say(str(error))
        sys.exit(1)
    except OSError as error:
        _say(f"nothing can be served at {host}:{port}: {error.strerror}; name another port or address")
        sys.exit(1)


if __name__ == "__main__":
    main()
