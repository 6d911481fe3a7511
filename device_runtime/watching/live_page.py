"""The live page: a process of its own serves it, so that drawing takes nothing of the time of a request."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from edgent.errors import InputError
from edgent.extras import require
from edgent.page.address import TOKEN_VARIABLE

if TYPE_CHECKING:
    from edgent.page.address import PageAddress

_LOG = logging.getLogger(__name__)
_LONGEST_END_S = 10.0


class LivePage:
    """Takes the lines of a recording and hands them to the process that serves the page."""

    def __init__(self, address: PageAddress) -> None:
        """Start the process and wait until it serves.

        Args:
            address: where to serve.

        Raises:
            MissingExtraError: what serves it is not installed.
            InputError: nothing can be served at this address.
        """
        require("bokeh")
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-m", "edgent.page.server", address.host, str(address.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=os.environ | {TOKEN_VARIABLE: address.token or ""},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._lines, self._said = self._process.stdin, self._process.stdout
        self._is_lost = False
        said = self._said.readline().strip()
        if said != "ready":
            self.close()
            raise InputError(f"--live {address.port}: {said or 'what serves the page ended at once'}")

    def write(self, line: str) -> None:
        """Hand over a line, at once."""
        if self._is_lost:
            return
        try:
            self._lines.write(line + "\n")
            self._lines.flush()
        except OSError:
            self._is_lost = True
            _LOG.warning("what serves the live page ended; answers go on without it")

    def close(self) -> None:
        """Let the page show what came last, and end its process; again does nothing."""
        try:
            self._lines.close()
        except OSError:  # it has ended already
            self._is_lost = True
        try:
            self._process.wait(_LONGEST_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._said.close()
