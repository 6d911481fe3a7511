"""Processes that do not hear Ctrl-C, which a terminal sends to all: who began them does, and ends them."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deaf_processes() -> Iterator[None]:
    """Whatever process is begun in this context is deaf; by a thread that is not the first one, none is.

    In the context itself Ctrl-C does nothing, so it should be short.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)  # what a process inherits
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
