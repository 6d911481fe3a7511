"""Two TorchServes behind HAProxy: whatever becomes of one of them, every request is answered."""

from __future__ import annotations

import contextlib
import http.client
import shutil
import signal
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import psutil
import pytest

from edgent.core.segment import Segment
from edgent.deploy.healthy import BUSY, READY, ask
from edgent.deploy.served_store import question_to
from edgent.edge.limits import LONGEST_QUEUE
from edgent.edge.store import build_store
from tests.system.proxied import (
    REQUIREMENT_S,
    TOKEN,
    RunningProxy,
    Traffic,
    beside,
    running_proxy,
    start_edge,
)
from tests.torchserve_fixtures import ended_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from device_runtime import DeviceRuntime
    from edgent.edge.torchserve import TorchServe
    from edgent.network import Network

pytestmark = [
    pytest.mark.torchserve,
    pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed"),
]

IMAGE = np.random.default_rng(7).integers(0, 256, (3, 8, 8), np.uint8)
PLAN = "exit2:p2"


@dataclass(frozen=True)
class Site:
    """A proxy and two edges, with devices on the other side."""

    network: Network
    servers: tuple[TorchServe, TorchServe]
    proxy: RunningProxy

    def device(self, cache: Path, grpc: bool = False) -> DeviceRuntime:
        """A device that knows the proxy, its authority and a token."""
        return self.proxy.device(self.network.spec.file, PLAN, cache, grpc=grpc)


@pytest.fixture(scope="module")
def servers(
    tiny_network: Network, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TorchServe, TorchServe]]:
    """Two servers of the archive of the whole pipeline; the last test kills one."""
    store = tmp_path_factory.mktemp("store")
    path = tiny_network.graph.paths[1]
    models = build_store(store, [], warm=[(tiny_network, [(path.cut_tensor(0), path.cut_tensor(2))])])
    with contextlib.ExitStack() as held, ThreadPoolExecutor(2) as pool:
        one, other = (
            future.result() for future in [pool.submit(start_edge, store, models) for _ in range(2)]
        )
        for server in (one, other):
            held.enter_context(server)
            held.enter_context(ended_at_once(server))
        yield one, other


@pytest.fixture
def site(
    servers: tuple[TorchServe, TorchServe],
    tiny_network: Network,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:
    """Two edges that answer, and the proxy before them."""
    edges = [beside(server, f"edge{number}") for number, server in enumerate(servers, 1)]
    metrics_port = urlsplit(servers[0].addresses.metrics).port
    with running_proxy(tmp_path, edges, [question_to(tiny_network)], metrics_port) as proxy:
        for edge in edges:
            proxy.wait_for(edge.name, "UP")
        monkeypatch.setenv("SSL_CERT_FILE", str(proxy.folder / "ca.pem"))
        yield Site(tiny_network, servers, proxy)


@pytest.fixture
def expected(tiny_network: Network) -> np.ndarray:
    """What the whole network answers."""
    path = tiny_network.graph.paths[1]
    whole: np.ndarray = Segment(tiny_network.segments.head(1, len(path.layers))).run(IMAGE[np.newaxis])[0]
    return whole


def _worker(server: TorchServe, model: str) -> psutil.Process:
    return psutil.Process(server.management.worker_pids(model)[0])


def _wait_until_asked(proxy: RunningProxy, edge: str) -> None:
    deadline = time.monotonic() + 10
    while not proxy.requests_at(edge):
        assert time.monotonic() < deadline, f"nobody asks {edge}"
        time.sleep(0.01)


def _java(server: TorchServe) -> psutil.Process:
    family = psutil.Process(server.pid).children(recursive=True)
    return next(process for process in family if process.name() == "java")


def test_one_is_drained_and_comes_back(site: Site, expected: np.ndarray, tmp_path: Path) -> None:
    """By the proxy's own command: it gets no more requests, and ends those that it has."""
    with contextlib.ExitStack() as held:
        devices = [held.enter_context(site.device(tmp_path / "cache")) for _ in range(2)]
        with Traffic(IMAGE).of(devices, [expected] * 2) as traffic:
            traffic.more(20)
            assert site.proxy.command("set server edges/edge1 state drain").strip() == ""
            site.proxy.wait_for("edge1", "DRAIN")
            traffic.more(50)
            assert site.proxy.command("set server edges/edge1 state ready").strip() == ""
            site.proxy.wait_for("edge1", "UP")
            traffic.more(20)
    assert (traffic.alone, traffic.wrong) == ([], 0)


def test_one_is_slow(site: Site, expected: np.ndarray, tmp_path: Path) -> None:
    """Its worker stands still nine tenths of the time: the other edge gets most, and none goes without."""
    worker, over = _worker(site.servers[0], "tiny"), threading.Event()

    def slow_down() -> None:
        while not over.is_set():
            worker.send_signal(signal.SIGSTOP)
            over.wait(0.18)
            worker.send_signal(signal.SIGCONT)
            over.wait(0.02)

    with contextlib.ExitStack() as held:
        devices = [held.enter_context(site.device(tmp_path / "cache")) for _ in range(2)]
        slowing = threading.Thread(target=slow_down)
        slowing.start()
        try:
            with Traffic(IMAGE).of(devices, [expected] * 2) as traffic:
                traffic.more(100)
        finally:
            over.set()
            slowing.join()
            worker.send_signal(signal.SIGCONT)
    assert (traffic.alone, traffic.wrong) == ([], 0)


def test_a_full_queue_is_said(site: Site, tiny_network: Network) -> None:
    """A worker that stands still, and a hundred requests that wait for it: the next one is refused."""
    question, server = question_to(tiny_network), site.servers[0]
    port = urlsplit(server.addresses.inference).port
    assert port is not None
    worker = _worker(server, question.endpoint)
    assert ask(server.addresses.inference, question).code == READY
    worker.send_signal(signal.SIGSTOP)
    try:
        with contextlib.ExitStack() as held:
            for _ in range(LONGEST_QUEUE + 10):
                waiting = held.enter_context(socket.create_connection(("127.0.0.1", port), 5))
                waiting.sendall(question.request())
            site.proxy.wait_for("edge1", "DOWN")
            assert ask(server.addresses.inference, question).code == BUSY
    finally:
        worker.send_signal(signal.SIGCONT)
    site.proxy.wait_for("edge1", "UP")


def test_no_edge_is_ready(site: Site, tiny_network: Network) -> None:
    """Without a worker anywhere the proxy says so, and ends the connection: the next finds another pod."""
    question = question_to(tiny_network)
    for server in site.servers:
        server.management.scale(question.endpoint, 0)
    for edge in ("edge1", "edge2"):
        site.proxy.wait_for(edge, "DOWN")
    assert ask(site.servers[0].addresses.inference, question).code == BUSY
    assert site.proxy.get("/ready")[0] == 503
    authority = ssl.create_default_context(cafile=site.proxy.folder / "ca.pem")
    with contextlib.closing(
        http.client.HTTPSConnection(urlsplit(site.proxy.url).netloc, timeout=5, context=authority)
    ) as connection:
        connection.request("POST", question.path, question.frame, {"Authorization": f"Bearer {TOKEN}"})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["connection"]) == (503, "close")
    for server in site.servers:
        server.management.scale(question.endpoint, 1)
    site.proxy.wait_for("edge1", "UP")
    assert site.proxy.get("/ready")[0] == 200


def test_who_gets_through(site: Site, expected: np.ndarray, tmp_path: Path) -> None:
    """Those with a token of the list, by HTTP and by gRPC; a device without one answers alone."""
    for grpc in (False, True):
        with site.device(tmp_path / "cache", grpc) as device:
            answer = device.infer(IMAGE, latency_requirement_s=REQUIREMENT_S)
        assert answer.edge_error is None
        np.testing.assert_allclose(answer.logits, expected, rtol=0, atol=1e-5)
    (site.proxy.folder / "token").write_text("nobody's", encoding="ascii")
    for grpc in (False, True):
        with site.device(tmp_path / "cache", grpc) as device:
            answer = device.infer(IMAGE, latency_requirement_s=REQUIREMENT_S)
        assert answer.edge_error is not None
        assert "token" in answer.edge_error


def test_what_operators_see(site: Site) -> None:
    """Metrics of the proxy and of TorchServe, whether that is alive, and nothing else."""
    status, text = site.proxy.get("/metrics")
    assert status == 200
    assert 'haproxy_server_http_responses_total{proxy="edges",server="edge1",code="5xx"}' in text
    status, text = site.proxy.get("/torchserve")  # of an edge beside the proxy, as in a pod
    assert status == 200
    assert "ts_queue_latency_microseconds{" in text
    assert site.proxy.get("/ping")[0] == 200
    assert site.proxy.get("/models")[0] == site.proxy.get("/predictions/tiny")[0] == 404


def test_checks_stand_in_no_log(site: Site) -> None:
    """TorchServe logs neither the proxy's questions nor how their connections end."""
    log = site.servers[0].folder / "console.log"
    _wait_for_checks(site, 1)  # what the proxy of another test left behind is logged by then
    before = log.read_text(encoding="utf-8")
    _wait_for_checks(site, 3)
    assert log.read_text(encoding="utf-8") == before


def _wait_for_checks(site: Site, number: int) -> None:
    """Wait until the proxy has asked the first edge so many more times."""
    until, deadline = _checks(site) + number, time.monotonic() + 20
    while _checks(site) < until:
        assert time.monotonic() < deadline, "the proxy does not ask"
        time.sleep(0.1)


def _checks(site: Site) -> float:
    lines = site.proxy.get("/torchserve")[1].splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("ts_inference_requests_total{"))


def test_one_is_killed(site: Site, expected: np.ndarray, tmp_path: Path) -> None:
    """As when the machine goes, while it computes: the proxy asks the other edge what this one was asked."""
    with contextlib.ExitStack() as held:
        devices = [held.enter_context(site.device(tmp_path / "cache")) for _ in range(2)]
        with Traffic(IMAGE).of(devices, [expected] * 2) as traffic:
            traffic.more(20)
            worker, java = _worker(site.servers[0], "tiny"), _java(site.servers[0])
            worker.send_signal(signal.SIGSTOP)
            _wait_until_asked(site.proxy, "edge1")
            java.kill()
            worker.kill()
            traffic.more(100)
    assert (traffic.alone, traffic.wrong) == ([], 0)
    assert site.proxy.asked_elsewhere >= 1
    site.proxy.wait_for("edge1", "DOWN")
    assert site.proxy.get("/ready")[0] == 200
