"""Talking to a program on one side of the testbed: a line of JSON each way."""

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.testbed.errors import TestbedError

if TYPE_CHECKING:
    import subprocess


class Conversation:
    """The asking end; closing its standard input ends the program."""

    def __init__(self, process: "subprocess.Popen[bytes]", what: str) -> None:
        self._process = process
        self._what = what

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for the answer.

        Raises:
            TestbedError: the program ended instead.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        return self.read()

    def read(self) -> dict[str, Any]:
        """The next answer.

        Raises:
            TestbedError: the program ended instead, or says why it cannot go on.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise TestbedError(f"the {self._what} ended unexpectedly: its message is above")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise TestbedError(f"the {self._what} cannot go on: {answer['failed']}")
        return answer

    def close(self) -> None:
        """Let the program end and wait for it."""
        self._process.communicate()


def say(**answer: Any) -> None:
    """Send an answer to whoever asks this program."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def converse(handle: Callable[..., dict[str, Any]]) -> None:
    """Answer requests until standard input ends."""
    for line in sys.stdin:
        say(**handle(**json.loads(line)))
