"""Talking to a program on one side of the testbed: a line of JSON each way."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.testbed.errors import TestbedError


class Conversation:
    """The asking end; closing its standard input ends the program."""

    def __init__(self, process: "subprocess.Popen[bytes]", what: str) -> None:
        self._process = process
        self._what = what

    def tell(self, **request: Any) -> None:
        """Send a request whose answer is read later, or which has none."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def read(self) -> dict[str, Any]:
        """Wait for the next answer.

        Raises:
            TestbedError: The program ended instead, or says why it cannot go on.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise TestbedError(f"the program {self._what} ended unexpectedly: its message is above")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise TestbedError(f"the program {self._what} cannot go on: {answer['failed']}")
        return answer

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        self.tell(**request)
        return self.read()

    def close(self) -> None:
        """Let the program end and wait for it."""
        self._process.communicate()

    def end(self) -> None:
        """End a program that does not read its standard input, and wait for it."""
        self._process.terminate()
        self._process.communicate()


def start(
    module: str, *arguments: str, enter: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Conversation:
    """Start one of the testbed's own programs, out of reach of Ctrl-C.

    Args:
        module: Its name below `benchmarks.testbed`.
        arguments: What it is given.
        enter: A command prefix that puts it on one side of the testbed.
        environment: What it sees; this process's environment when None.
    """
    command = [*enter, sys.executable, "-m", f"benchmarks.testbed.{module}", *arguments]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, start_new_session=True)
    return Conversation(process, module)


def say(**answer: Any) -> None:
    """Send an answer to whoever asks this program."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def converse(handle: Callable[..., dict[str, Any]]) -> None:
    """Answer requests until standard input ends."""
    for line in sys.stdin:
        say(**handle(**json.loads(line)))
