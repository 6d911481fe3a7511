"""The two commands inside the test's own process: their ``main``, which turns mistakes into sentences."""

from __future__ import annotations

import logging
import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import pytest

from device_runtime.cli import main as edgent_device_main
from edgent.cli import main as edgent_main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


HEARS_CTRL_C = (
    sys.executable,
    "-c",
    "import os, sys; from signal import *; signal(SIGINT, SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])",
)
"""Before a command: it hears Ctrl-C, even where the tests run in a shell's background."""


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    output: str
    errors: str


class Run(Protocol):
    """Runs a command with arguments; keywords are environment variables."""

    def __call__(self, *arguments: object, **environment: str) -> Outcome:
        """What the command left behind."""


@pytest.fixture
def edgent(_command: Callable[..., Outcome]) -> Run:
    """Runs ``edgent``."""
    return partial(_command, edgent_main, "edgent")


@pytest.fixture
def edgent_device(_command: Callable[..., Outcome]) -> Run:
    """Runs ``edgent-device``."""
    return partial(_command, edgent_device_main, "edgent-device")


@contextmanager
def process_as_it_was() -> Iterator[None]:
    """Gives Ctrl-C back to the tests, which a command leaves to end the process, and takes its log away."""
    interrupted = signal.getsignal(signal.SIGINT)
    loggers = [logging.getLogger(name) for name in ("edgent", "device_runtime")]
    logged = [(logger.handlers, logger.level) for logger in loggers]
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, interrupted)
        for logger, (handlers, level) in zip(loggers, logged, strict=True):
            logger.handlers = handlers
            logger.setLevel(level)


@pytest.fixture
def _command(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Outcome]:
    """Runs a ``main`` in a folder of its own, without our token and cache around.

    What ``main`` lets through, which a user would see as a traceback, fails the test.
    """
    for name in os.environ:
        if name.startswith("EDGENT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("edgent.latency.profiling.PAUSE_S", 0.0)  # nothing here has to be timed well
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")

    def run(main: Callable[[], None], name: str, *arguments: object, **environment: str) -> Outcome:
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as stopped, process_as_it_was():
            main()
        output, errors = capfd.readouterr()
        return Outcome(int(stopped.value.code or 0), output, errors)

    return run
