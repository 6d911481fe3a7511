"""A place to run programs in: the edge or the device of a testbed."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.testbed.conversation import Conversation, start
from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.run_name import VARIABLE, RunName

_ROOT = Path(__file__).parents[2]
_MEASURING_S = 120.0


@dataclass(frozen=True)
class Host:
    """One side of the testbed.

    Attributes:
        enter: Command prefix that puts a program on this side.
        environment: What its programs see, the mark of the run among it.
    """

    enter: tuple[str, ...]
    environment: Mapping[str, str]

    def popen(self, command: Sequence[str], **options: Any) -> "subprocess.Popen[bytes]":
        """Start a program here; `options` go to `subprocess.Popen`, `env` is added to the environment.

        The testbed ends it when it closes, if it still runs then.
        """
        environment = {**self.environment, **options.pop("env", {})}
        return subprocess.Popen([*self.enter, *command], env=environment, **options)

    def run(self, command: Sequence[str], **options: Any) -> "subprocess.CompletedProcess[bytes]":
        """Run a program here to its end; `options` go to `subprocess.run`, `check` is off unless given."""
        environment = {**self.environment, **options.pop("env", {})}
        options.setdefault("check", False)
        return subprocess.run([*self.enter, *command], env=environment, **options)  # noqa: PLW1510 set above

    def start(self, module: str, *arguments: str) -> Conversation:
        """Start one of the testbed's own programs here."""
        return start(module, *arguments, enter=self.enter, environment=self.environment)

    def measure(self, module: str, *arguments: str) -> Any:
        """Run one of the testbed's measuring programs here; returns what it prints as JSON.

        Raises:
            TestbedError: It failed, or did not end within two minutes.
        """
        command = [sys.executable, "-m", f"benchmarks.testbed.{module}", *arguments]
        try:
            done = self.run(command, stdout=subprocess.PIPE, start_new_session=True, timeout=_MEASURING_S)
        except subprocess.TimeoutExpired as error:
            raise TestbedError(f"{module} did not end within {_MEASURING_S:g} s") from error
        if done.returncode != 0:
            raise TestbedError(f"{module} failed with exit status {done.returncode}: its message is above")
        return json.loads(done.stdout)


def environment_of(run: RunName) -> dict[str, str]:
    """This process's environment with the mark of a run, and with `benchmarks` importable."""
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, VARIABLE: str(run), "PYTHONPATH": path}
