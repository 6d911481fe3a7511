"""Which processes hear Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

from edgent.deaf_processes import deaf_processes

IS_DEAF = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"


def _is_deaf() -> bool:
    done = subprocess.run(
        [sys.executable, "-S", "-c", IS_DEAF], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout == "True\n"


def test_what_is_begun_inside_is_deaf() -> None:
    """Nothing that is begun afterwards is, and who began them hears as before."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run in the background
    try:
        with deaf_processes():
            assert _is_deaf()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert not _is_deaf()
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_may_not_change_signals() -> None:
    """It does without, and nothing is raised."""
    before, seen = signal.getsignal(signal.SIGINT), []

    def enter() -> None:
        with deaf_processes():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before]
