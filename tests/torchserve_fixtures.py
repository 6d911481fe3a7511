"""A real TorchServe for tests, and what they do with it."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import onnx
import psutil
import pytest

from device_runtime.edges.addresses import AddressBook
from device_runtime.exchange.edge_client import EdgeClient
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from device_runtime.edges.addresses import Address

TINY_SPEC = """\
version: 1
name: {name}
model: {{file: network.onnx}}
input: {{shape: {shape}, labels: [a, b, c, d, e, f, g, h, i, j]}}
exits: [{{name: exit1}}, {{name: exit2}}]
"""


@dataclass(frozen=True)
class Edge:
    """A TorchServe in which all heads of some networks are registered and none has a worker yet."""

    server: TorchServe
    networks: dict[str, Network]

    @contextmanager
    def workers(self, heads: Sequence[str]) -> Iterator[None]:
        """One worker each for as long as the context lasts; they start side by side."""
        self._scale(heads, 1)
        try:
            yield
        finally:
            self._scale(heads, 0)

    def _scale(self, heads: Sequence[str], workers: int) -> None:
        with ThreadPoolExecutor(len(heads)) as pool:
            list(pool.map(lambda head: self.server.management.scale(head, workers), heads))

    def address(self, name: str, head: str) -> Address:
        """Where a head of one network is asked."""
        return AddressBook(self.networks[name]).head(head)

    def client(self) -> EdgeClient:
        """A client for the heads."""
        return EdgeClient(self.server.addresses.inference, token_file=self.server.token_file)

    def describe(self, head: str) -> dict[str, Any]:
        """What the management API says of a head."""
        answer: Any = self.server.management._ask("GET", f"/models/{head}", 10)
        described: dict[str, Any] = answer[0]
        return described

    def worker_pids(self, head: str) -> list[int]:
        """Process ids of a head's workers."""
        return [worker["pid"] for worker in self.describe(head)["workers"]]


@contextmanager
def ended_at_once(server: TorchServe) -> Iterator[None]:
    """Kills a server when the context ends: in order it takes seconds, which test_torchserve.py waits for.

    Workers go before Java, so that their parents are there to reap them.
    """
    try:
        yield
    finally:
        for process in reversed(psutil.Process(server.pid).children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.kill()
                process.wait(10)


@contextmanager
def serving(networks: Sequence[Network], store: Path) -> Iterator[Edge]:
    """Archives of some networks, and a TorchServe with them."""
    models = [replace(model, workers=0) for model in build_store(store, plan_archives(networks))]
    with TorchServe(store, models) as server, ended_at_once(server):
        yield Edge(server, {network.spec.name: network for network in networks})


def write_tiny_spec(
    folder: Path, model: Path, name: str = "tiny", shape: tuple[int, ...] = (3, 8, 8)
) -> Path:
    """A spec of two exits and ten classes beside a copy of its ONNX file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "network.onnx").write_bytes(model.read_bytes())
    spec = folder / f"{name}.yaml"
    spec.write_text(TINY_SPEC.format(name=name, shape=list(shape)), encoding="utf-8")
    return spec


def run_in_shell(commands: Iterable[str], server: TorchServe) -> None:
    """Run curl commands for the management API as a user pastes them."""
    environment = os.environ | {"TOKEN": server.token("management"), "no_proxy": "127.0.0.1"}
    for command in commands:
        done = subprocess.run(
            ["sh", "-c", f'curl() {{ command curl --silent --fail-with-body "$@"; }}; {command}'],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout


def retrained(spec: Path, folder: Path) -> Path:
    """A copy of a spec beside its network with half of each weight in its place."""
    declared = read_spec(spec)
    model = onnx.load(declared.resolve(declared.model.file))
    for weight in model.graph.initializer:
        if weight.data_type == onnx.TensorProto.FLOAT:
            halved = onnx.numpy_helper.to_array(weight) / 2
            weight.CopyFrom(onnx.numpy_helper.from_array(halved, weight.name))
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "network.onnx")
    text = TINY_SPEC.format(name=declared.name, shape=list(declared.input.shape))
    (folder / spec.name).write_text(text, encoding="utf-8")
    return folder / spec.name


@pytest.fixture(scope="session")
def tiny_spec(chain_network: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Spec file of the chain with two exits, named ``tiny``."""
    return write_tiny_spec(tmp_path_factory.mktemp("tiny"), chain_network)


@pytest.fixture(scope="session")
def retrained_spec(tiny_spec: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``tiny`` after another training: the same structure, another digest, other answers."""
    return retrained(tiny_spec, tmp_path_factory.mktemp("retrained"))


@pytest.fixture(scope="session")
def tiny_network(tiny_spec: Path, tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The network of that spec."""
    return Network.open(read_spec(tiny_spec), tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def tiny_edge(tiny_network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """A TorchServe with the heads of ``tiny``."""
    with serving([tiny_network], tmp_path_factory.mktemp("store")) as edge:
        yield edge


@pytest.fixture(scope="session")
def tiny_head(tiny_edge: Edge) -> Iterator[str]:
    """``tiny-p02`` with a worker: a cut in the trunk after the first layers."""
    with tiny_edge.workers(["tiny-p02"]):
        yield "tiny-p02"
