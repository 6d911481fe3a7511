"""SIGTERM, by which containers, units and pods are stopped, ends a command as Ctrl-C does.

Python leaves that signal to Linux, which gives it to no process that is the first one of a container.
"""

from __future__ import annotations

import signal
import threading


class Terminated(KeyboardInterrupt):
    """SIGTERM came: what tidies up after Ctrl-C does so now."""


def hear_termination() -> None:
    """Raise :class:`Terminated` at the first SIGTERM; a second one ends the process at once.

    A process that was told to ignore the signal goes on to, and a thread other than the first one hears none.
    """
    is_first = threading.current_thread() is threading.main_thread()
    if is_first and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    raise Terminated
