"""A TorchServe that edgent runs: in a temporary folder, ready when it was started, gone when it is stopped.

Used by the demo, the tests and the benchmarks; a user's server is started with ``torchserve --start``.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from edgent.core.providers import check_available
from edgent.edge.configuration import LOG4J2, Addresses, config_properties
from edgent.edge.java import java_home
from edgent.edge.management import Management
from edgent.edge.worker_log import why_a_worker_died
from edgent.errors import MissingExtraError, TorchServeError
from edgent.key_file import read_token_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from edgent.edge.configuration import ServedModel

_LOG = logging.getLogger(__name__)
START_TIMEOUT_S = 120.0
_POLL_S = 0.1
_PORTS = range(20_000, 32_000)  # below those that systems give to outgoing connections
_PORTS_NEEDED = 5


def free_addresses(host: str = "127.0.0.1") -> Addresses:
    """Addresses on ports that nobody listens on now, and that no outgoing connection is given meanwhile."""
    with contextlib.ExitStack() as held:
        ports: list[int] = []
        for port in random.sample(_PORTS, len(_PORTS)):
            listener = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                listener.bind((host, port))
                ports.append(port)
            if len(ports) == _PORTS_NEEDED:
                break
    if len(ports) < _PORTS_NEEDED:
        raise TorchServeError(f"fewer than {_PORTS_NEEDED} ports of {_PORTS} are free on {host}; close some")
    inference, management, metrics = (f"http://{host}:{port}" for port in ports[:3])
    return Addresses(inference, management, metrics, f"grpc://{host}:{ports[3]}", ports[4])


class TorchServe:
    """A running server; a context manager that leaves no process and no file."""

    def __init__(
        self,
        store: Path,
        models: Sequence[ServedModel],
        *,
        addresses: Addresses | None = None,
        settings: Mapping[str, str] | None = None,
        tokens: bool = True,
        command_prefix: Sequence[str] = (),
    ) -> None:
        """Start the server and wait until its management answers and every worker is ready.

        Args:
            store: folder of the archives.
            models: what to register.
            addresses: where to listen; free ports on loopback when None.
            settings: lines of config.properties that replace ours.
            tokens: whether requests need a token.
            command_prefix: a command that runs the server, e.g. in a network namespace.

        Raises:
            MissingExtraError: TorchServe is not installed.
            ProviderError: the onnxruntime here cannot run an archive.
            TorchServeError: it did not come up in time, or a worker died; the message has what its log says.
        """
        program = Path(sys.executable).with_name("torchserve")
        if not program.exists():
            raise MissingExtraError("TorchServe", "edge")
        check_available({name for model in models for name in model.providers}, "edge.providers")
        java = java_home()
        self.addresses = addresses or free_addresses()
        # Short, because TorchServe puts unix sockets there, whose paths end at 108 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="edgent-ts-"))
        self.token_file = self.folder / "key_file.json"
        self._log = self.folder / "console.log"
        config = config_properties(store, models, self.addresses, changes=settings)
        (self.folder / "config.properties").write_text(config, encoding="utf-8")
        (self.folder / "log4j2.xml").write_text(LOG4J2, encoding="utf-8")
        self._process = self._start([*command_prefix, *self._command(program, store, tokens)], java)
        try:
            self.management = self._wait_for_management(tokens)
            self._wait_for_workers([model.endpoint for model in models if model.workers])
        except BaseException:
            self.stop()
            raise

    def _command(self, program: Path, store: Path, tokens: bool) -> list[str]:
        command = [str(program), "--start", "--foreground", "--ncs"]
        command += ["--model-store", str(store.resolve())]
        command += ["--ts-config", str(self.folder / "config.properties")]
        command += ["--log-config", str(self.folder / "log4j2.xml")]
        return command if tokens else [*command, "--disable-token-auth"]

    def _start(self, command: list[str], java: str) -> subprocess.Popen[bytes]:
        folder = str(self.folder)
        # Workers run the edgent of their archive: TorchServe puts PYTHONPATH before an archive's own modules.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment |= {"JAVA_HOME": java, "TEMP": folder, "TMPDIR": folder}
        _LOG.info("starting %s in %s", " ".join(command), self.folder)
        try:
            with self._log.open("wb") as log:
                return subprocess.Popen(  # noqa: S603  our own command
                    command,
                    cwd=self.folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise TorchServeError(f"cannot run {command[0]}: {error.strerror}") from None

    def _wait_for_management(self, tokens: bool) -> Management:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise TorchServeError(f"TorchServe ended while starting:\n{self.log_tail()}")
            with contextlib.suppress(TorchServeError, OSError, ValueError):  # not up yet
                if not tokens or self.token_file.exists():
                    management = Management(
                        self.addresses.management, self.token("management") if tokens else None
                    )
                    management.models()
                    return management
            time.sleep(_POLL_S)
        raise TorchServeError(f"TorchServe was not up after {START_TIMEOUT_S:.0f} s:\n{self.log_tail()}")

    def _wait_for_workers(self, endpoints: Sequence[str]) -> None:
        """Wait no longer once a worker died: the next one, which TorchServe starts, would die of the same."""
        try:
            self.management.wait_ready(endpoints, START_TIMEOUT_S, lambda: self._death() is not None)
        except TorchServeError as error:
            why = self._death() or f"the end of TorchServe's log:\n{self.log_tail()}"
            raise TorchServeError(f"{error}; {why}") from None

    def _death(self) -> str | None:
        return why_a_worker_died(self._log.read_text(errors="replace"))

    @property
    def pid(self) -> int:
        """The process that started the server; Java and the workers are its children."""
        return self._process.pid

    def token(self, kind: Literal["inference", "management", "API"]) -> str:
        """The key of a kind; that of the ``API`` renews the others.

        Raises:
            OSError: the key file cannot be read.
            ValueError: it is none of TorchServe's.
            TorchServeError: it holds no such key.
        """
        held = read_token_file(self.token_file)
        found = None
        if not isinstance(held, str):
            found = {"inference": held.inference, "management": held.management, "API": held.api}[kind]
        if found is None:
            raise TorchServeError(f"{self.token_file} holds no {kind} key")
        return found.key

    def log_tail(self, lines: int = 20) -> str:
        """The end of what the server printed."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        """End the server and its workers, and remove its folder."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=10)
            if _wait_until_gone(self._process.pid, 10):
                break
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> TorchServe:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _wait_until_gone(group: int, timeout_s: float) -> bool:
    """Whether all processes of a group ended in time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(_POLL_S)
    return False
