"""A shell in an empty folder, as a reader has it who works through a page."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from edgent.edge.java import java_home
from edgent.edge.torchserve import free_addresses

if TYPE_CHECKING:
    from types import TracebackType

    from tests.tutorials.page import Block, Step

_DONE = "the step is done"
_COLUMNS = "110"
_PORTS = ("8080", "8081", "8082", "7070", "9100", "7071")
"""Those that pages name: a TorchServe's and a device's, which may be taken where tests run."""


class StepFailedError(Exception):
    """A command of a page ended with another exit code than 0."""


class Session:
    """One bash for a whole page: folders, variables and background jobs last from block to block.

    A context manager, which ends whatever the page started.
    """

    def __init__(self, folder: Path) -> None:
        """Start the shell.

        Args:
            folder: an empty one, in which the page begins.
        """
        # Short, because TorchServe puts unix sockets there, whose paths end at 108 bytes.
        self._scratch = Path(tempfile.mkdtemp(prefix="page-"))
        self._ports = _free_ports()
        self._bash = subprocess.Popen(
            ["bash", "--norc", "-e"],
            cwd=folder,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def _environment(self) -> dict[str, str]:
        """Our commands first, none of our settings, and a terminal of a fixed width."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EDGENT_")}
        return kept | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "JAVA_HOME": java_home(),
            "XDG_CACHE_HOME": str(self._scratch / "cache"),
            "TMPDIR": str(self._scratch),
            "COLUMNS": _COLUMNS,
            "NO_COLOR": "1",
            "no_proxy": "127.0.0.1",
        }

    def run(self, block: Block, step: Step) -> str:
        """What a step prints, on both streams.

        Raises:
            StepFailedError: its exit code is not 0; the message has what it printed.
        """
        file = self._scratch / f"step.{block.language}"
        file.write_text(on_ports(step.code, self._ports) + "\n", encoding="utf-8")
        command = f"python {file}" if block.language == "python" else f". {file}"
        assert self._bash.stdin is not None
        self._bash.stdin.write(f"{command} </dev/null; printf '\\n%s\\n' '{_DONE}'\n")
        self._bash.stdin.flush()
        printed = self._printed()
        code = self._bash.poll()
        if code is not None:
            raise StepFailedError(f"{block.place}: exit code {code} of\n{step.code}\n{printed}")
        return printed

    def _printed(self) -> str:
        """Lines until the step is done, or until the shell has ended, as it does where a command fails."""
        assert self._bash.stdout is not None
        lines = []
        for line in self._bash.stdout:
            if line.rstrip() == _DONE:
                break
            lines.append(line)
        else:
            self._bash.wait()
        return "".join(lines)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._bash:
            for how in (signal.SIGTERM, signal.SIGKILL):  # in order: `edgent serve` takes its server with it
                with suppress(ProcessLookupError):
                    os.killpg(self._bash.pid, how)
                psutil.wait_procs(_group(self._bash.pid), timeout=30)
        shutil.rmtree(self._scratch, ignore_errors=True)


def _group(number: int) -> list[psutil.Process]:
    """The processes of a group, which has the number of its first one."""
    found = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError):
            if os.getpgid(process.pid) == number:
                found.append(process)
    return found


def on_ports(code: str, ports: dict[str, str]) -> str:
    """Code with other ports than those it names."""
    return re.sub(rf"\b({'|'.join(ports)})\b", lambda named: ports[named[1]], code)


def _free_ports() -> dict[str, str]:
    """A free port for each that pages name."""
    free = free_addresses()
    device = free_addresses().metrics
    of_urls = (free.inference, free.management, free.metrics, free.grpc_inference, device)
    numbers = [url.rpartition(":")[2] for url in of_urls]
    return dict(zip(_PORTS, [*numbers, str(free.grpc_management_port)], strict=True))
