"""A real TorchServe that can be killed, frozen, replaced and filled up."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import onnx
import psutil
import requests

from benchmarks.testbed.errors import TestbedError
from edgent.core.probe import PROBE
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe, free_addresses
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from edgent.edge.configuration import ServedModel

Interface = Literal["http", "grpc"]

_SLICE_S = 1e-3
_QUEUE = 100  # what an archive allows where the edge is not profiled


class EdgeUnderTest:
    """Some heads and the probe in a TorchServe of their own, and what can be done to it."""

    def __init__(
        self,
        network: Network,
        heads: Sequence[str],
        folder: Path,
        interface: Interface = "http",
        host: str = "127.0.0.1",
    ) -> None:
        """Build the archives and start the server.

        Args:
            network: Whose heads they are.
            heads: Their names; the pipeline's own among them has any window served.
            folder: For archives and tokens.
            interface: By which the device asks.
            host: Where the server listens.
        """
        self.network, self.heads = network, tuple(heads)
        self._addresses = free_addresses(host)
        self.token_file = folder / "key_file.json"
        self.interface = interface
        self._folder = folder
        self._store = folder / "store"
        self._models = self._build(network, self._store)
        self.server = self._start()

    def _build(self, network: Network, store: Path) -> list[ServedModel]:
        archives = [archive for archive in plan_archives([network]) if archive.name in self.heads]
        models = build_store(store, archives, warm=[(network, ())])
        return [replace(model, workers=1) for model in models if model.name in (*self.heads, PROBE)]

    def _start(self) -> TorchServe:
        server = TorchServe(self._store, self._models, addresses=self._addresses)
        shutil.copy(server.token_file, self.token_file)
        return server

    @property
    def url(self) -> str:
        """Where the device asks."""
        return self._url_of(self.server)

    def _url_of(self, server: TorchServe) -> str:
        addresses = server.addresses
        return addresses.inference if self.interface == "http" else addresses.grpc_inference

    @contextlib.contextmanager
    def killed_worker(self) -> Iterator[None]:
        """SIGKILL to the heads' workers; TorchServe starts others."""
        for pid in self._workers():
            os.kill(pid, signal.SIGKILL)
        yield

    @contextlib.contextmanager
    def frozen_worker(self) -> Iterator[None]:
        """The heads' workers stand still."""
        with _frozen(self._workers()):
            yield

    @contextlib.contextmanager
    def frozen_server(self) -> Iterator[None]:
        """Java stands still; the system goes on accepting connections for it."""
        with _frozen([self._java()]):
            yield

    @contextlib.contextmanager
    def killed_server(self) -> Iterator[None]:
        """SIGKILL to Java and all workers; at the end a new server comes up on the same addresses."""
        os.kill(self._java(), signal.SIGKILL)
        try:
            yield
        finally:
            self.server.stop()
            self.server = self._start()

    @contextlib.contextmanager
    def drained_server(self) -> Iterator[None]:
        """The heads lose their workers while the server lives on."""
        for head in self.heads:
            self.server.management.scale(head, 0)
        try:
            yield
        finally:
            for head in self.heads:
                self.server.management.scale(head, 1)

    @contextlib.contextmanager
    def slowed_server(self, times: float = 10.0) -> Iterator[None]:
        """Java and the workers run for a share of the time only, and stand still for the rest."""
        with _slowed([self._java(), *self._workers()], times):
            yield

    @contextlib.contextmanager
    def full_queue(self) -> Iterator[None]:
        """The worker stands still and as many requests wait for it as may; all others are refused."""
        parts = urlsplit(self.server.addresses.inference)
        token = self.server.token("inference")
        with self.frozen_worker(), contextlib.ExitStack() as waiting:
            for head in self.heads:
                request = (
                    f"POST /predictions/{head} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
                    "Content-Length: 4\r\n\r\nfull"
                ).encode()
                connections = []
                for _ in range(_QUEUE + 5):
                    connection = socket.create_connection((parts.hostname or "", parts.port or 80), 10)
                    connections.append(waiting.enter_context(connection))
                    connection.sendall(request)
                if not select.select(connections, [], [], 10)[0]:
                    raise TestbedError(f"{len(connections)} requests did not fill the queue of {head}")
            yield

    @contextlib.contextmanager
    def other_archive(self) -> Iterator[str]:
        """A server with a head of the same name of another model; its URL."""
        folder = self._folder / "other"
        folder.mkdir(exist_ok=True)
        spec = self.network.spec
        model = onnx.load(spec.resolve(spec.model.file))
        model.doc_string = "another model"
        file = folder / spec.model.file
        file.parent.mkdir(exist_ok=True)
        onnx.save(model, file)
        text = spec.file.read_text(encoding="utf-8")
        named = ("sha256:", "regressors:", "bandwidth:", "accuracy:")  # what was made for the model as it was
        kept = [line for line in text.splitlines() if not line.strip().startswith(named)]
        (folder / spec.file.name).write_text("\n".join(kept), encoding="utf-8")
        network = Network.open(read_spec(folder / spec.file.name), folder / "cache")
        store = folder / "store"
        with TorchServe(store, self._build(network, store), tokens=False) as server:
            yield self._url_of(server)

    @contextlib.contextmanager
    def wrong_token(self) -> Iterator[None]:
        """The server takes another key than the one in the device's token file."""
        self._renew_token()
        try:
            yield
        finally:
            shutil.copy(self.server.token_file, self.token_file)

    def rotate_token(self) -> None:
        """TorchServe makes a new inference key; the device's file gets it."""
        self._renew_token()
        shutil.copy(self.server.token_file, self.token_file)

    def _renew_token(self) -> None:
        answer = requests.get(
            f"{self.server.addresses.management}/token",
            params={"type": "inference"},
            headers={"Authorization": f"Bearer {self.server.token('API')}"},
            timeout=10,
        )
        answer.raise_for_status()

    def java_process(self) -> psutil.Process:
        """The server's Java process."""
        return psutil.Process(self._java())

    def worker_process(self) -> psutil.Process:
        """The worker of the first head."""
        return psutil.Process(self._workers()[0])

    def __enter__(self) -> EdgeUnderTest:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def _workers(self) -> list[int]:
        return [pid for head in self.heads for pid in self.server.management.worker_pids(head)]

    def _java(self) -> int:
        java: int
        children = psutil.Process(self.server.pid).children(recursive=True)
        (java,) = [process.pid for process in children if "java" in process.name()]
        return java


@contextlib.contextmanager
def _slowed(pids: Sequence[int], times: float) -> Iterator[None]:
    """Processes that run for a millisecond in so many."""
    ended = threading.Event()

    def stop_and_go() -> None:
        while not ended.is_set():
            with _frozen(pids):
                ended.wait((times - 1.0) * _SLICE_S)
            ended.wait(_SLICE_S)

    thread = threading.Thread(target=stop_and_go)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextlib.contextmanager
def _frozen(pids: Sequence[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):  # TorchServe has ended it meanwhile
                os.kill(pid, signal.SIGCONT)
