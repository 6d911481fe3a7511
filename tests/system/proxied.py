"""Real TorchServes behind a real HAProxy, with the configuration that `edgent deploy` writes."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import shutil
import socket
import subprocess
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from device_runtime import DeviceRuntime
from edgent.deploy.haproxy import ProxiedEdge, Proxy, haproxy_configuration
from edgent.edge.certificates import write_certificates
from edgent.edge.torchserve import TorchServe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from edgent.deploy.question import Question
    from edgent.edge.configuration import Addresses, ServedModel

TOKEN = "one-of-several"
_UP_S = 30.0
REQUIREMENT_S = 10.0


@dataclass(frozen=True)
class RunningProxy:
    """A proxy that runs.

    Attributes:
        url: for devices.
        grpc_url: the same.
        operators: host and port of readiness and metrics.
        admin_port: where it takes commands.
        folder: holds ``ca.pem`` and ``tokens``.
        process: HAProxy's.
    """

    url: str
    grpc_url: str
    operators: str
    admin_port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def device(self, spec: Path, plan: str, cache: Path, *, grpc: bool = False) -> DeviceRuntime:
        """A device that knows the proxy and a token; SSL_CERT_FILE has to name the authority."""
        return DeviceRuntime.open(
            spec,
            plan=plan,
            inference_url=self.grpc_url if grpc else self.url,
            token_file=self.folder / "token",
            cache=cache,
        )

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of what operators ask."""
        connection = http.client.HTTPConnection(self.operators, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def command(self, line: str) -> str:
        """The answer to one of HAProxy's own commands."""
        with socket.create_connection(("127.0.0.1", self.admin_port), 5) as connection:
            connection.sendall(f"{line}\n".encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def state(self, edge: str) -> str:
        """What HAProxy calls an edge: UP, DOWN, DRAIN."""
        return self._statistics(edge)[17].partition(" ")[0]

    def requests_at(self, edge: str) -> int:
        """How many requests an edge has not answered yet."""
        return int(self._statistics(edge)[4])

    @property
    def asked_elsewhere(self) -> int:
        """How many requests went to another edge than the one that they were given to first."""
        return int(self._statistics("BACKEND")[16])

    def _statistics(self, edge: str) -> list[str]:
        lines = self.command("show stat -1 6 -1").splitlines()
        return next(line.split(",") for line in lines if line.startswith(f"edges,{edge},"))

    def wait_for(self, edge: str, state: str) -> None:
        """Wait until HAProxy calls an edge so."""
        deadline = time.monotonic() + _UP_S
        while self.state(edge) != state:
            assert time.monotonic() < deadline, f"{edge} is {self.state(edge)}, not {state}"
            time.sleep(0.05)


@dataclass
class Traffic:
    """Devices that ask without a pause, and what became of their requests."""

    image: np.ndarray
    answered: int = 0
    alone: list[str] = field(default_factory=list)
    wrong: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    @contextlib.contextmanager
    def of(self, devices: Sequence[DeviceRuntime], expected: Sequence[np.ndarray]) -> Iterator[Traffic]:
        """Devices that ask while the context lasts, each with what it should be answered."""
        pairs = zip(devices, expected, strict=True)
        self._threads += [threading.Thread(target=self._ask, args=pair) for pair in pairs]
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()

    def _ask(self, device: DeviceRuntime, expected: np.ndarray) -> None:
        while not self._over.is_set():
            answer = device.infer(self.image, latency_requirement_s=REQUIREMENT_S)
            self.answered += 1
            self.wrong += not np.allclose(answer.logits, expected, rtol=0, atol=1e-5)
            if answer.edge_error is not None:
                self.alone.append(answer.edge_error)

    def more(self, requests: int) -> None:
        """Wait until some more requests were answered."""
        until, deadline = self.answered + requests, time.monotonic() + 60
        while self.answered < until:
            assert time.monotonic() < deadline, f"{self.answered} of {until} were answered"
            time.sleep(0.01)


def start_edge(store: Path, models: Sequence[ServedModel], addresses: Addresses | None = None) -> TorchServe:
    """A TorchServe as it stands behind a proxy: without tokens of its own."""
    return TorchServe(store, models, addresses=addresses, tokens=False)


def beside(server: TorchServe, name: str) -> ProxiedEdge:
    """A server as the proxy finds it."""
    ports = [urlsplit(url).port for url in (server.addresses.inference, server.addresses.grpc_inference)]
    assert ports[0] is not None
    assert ports[1] is not None
    return ProxiedEdge(name, "127.0.0.1", ports[0], ports[1])


@contextlib.contextmanager
def running_proxy(
    folder: Path,
    edges: Sequence[ProxiedEdge],
    questions: Sequence[Question],
    metrics_port: int | None = None,
) -> Iterator[RunningProxy]:
    """HAProxy before some edges, until the context ends; it is ready when one edge answers."""
    secrets = folder / "secrets"
    write_certificates(secrets, ["localhost", "127.0.0.1"], 90, dt.datetime.now(dt.timezone.utc))
    for name, source in {"tls.crt": "server.pem", "tls.key": "server.key"}.items():
        shutil.copy(secrets / source, secrets / name)
    (secrets / "tokens").write_text(f"{TOKEN}\nanother\n", encoding="ascii")
    (secrets / "token").write_text(TOKEN, encoding="ascii")
    port, grpc_port, operators_port, admin_port = _free_ports(4)
    proxy = Proxy(
        edges, questions, 100_000, 5, host="127.0.0.1", secrets=str(secrets), port=port, admin_port=admin_port
    )
    proxy = replace(proxy, grpc_port=grpc_port, operators_port=operators_port, metrics_port=metrics_port)
    (folder / "haproxy.cfg").write_text(haproxy_configuration(proxy), encoding="utf-8")
    with subprocess.Popen(["haproxy", "-db", "-q", "-f", str(folder / "haproxy.cfg")]) as process:
        running = RunningProxy(
            f"https://localhost:{port}",
            f"grpcs://localhost:{grpc_port}",
            f"127.0.0.1:{operators_port}",
            admin_port,
            secrets,
            process,
        )
        try:
            _wait_until_ready(running)
            yield running
        finally:
            process.kill()


def _wait_until_ready(running: RunningProxy) -> None:
    deadline = time.monotonic() + _UP_S
    while time.monotonic() < deadline:
        assert running.process.poll() is None, "HAProxy ended"
        with contextlib.suppress(OSError):
            if running.get("/ready")[0] == 200:
                return
        time.sleep(0.05)
    raise AssertionError("no edge answered the proxy")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        listeners = [held.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in listeners]
