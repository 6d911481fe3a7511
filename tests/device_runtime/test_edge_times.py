"""What client and edge tell each other of time, and what the client makes of an edge that is busy."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import Address
from device_runtime.exchange.edge_client import EdgeClient
from edgent.core.probe import PROBE, SMALLEST_REQUEST_BYTES, answer_probe
from edgent.core.refusal import refuse
from edgent.core.stay import SentAt, Stay
from edgent.core.wire import WIRE_VERSION_WITH_TIMES, Frame, head_identity, read_frame, write_frame
from edgent.core.worker_time import WorkerTime
from edgent.errors import EdgeBusyError, EdgeTimeoutError, ExpiredError, NoWorkerError, QueueFullError
from edgent.graph.tensor import Tensor
from tests.in_process_edge import InProcessEdge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SHA256 = "ab" * 32
HEAD = "tiny-p02"
ADDRESS = Address(HEAD, "ab" * 6, head_identity(SHA256, HEAD), Tensor("image", (3, 8, 8), "uint8"))
IMAGE = np.zeros((1, 3, 8, 8), np.uint8)
NO_WORKER = json.dumps({"code": 503, "message": 'Model "tiny-p02" has no worker'}).encode()
CLOCK = b"edge"


class Endpoint:
    """Answers as the test says, and remembers what it was asked."""

    def __init__(self, answer: Callable[[bytes], tuple[int, bytes]]) -> None:
        self._answer = answer
        self.asked: list[bytes] = []

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to one request."""
        self.asked.append(body)
        return self._answer(body)


class Edge:
    """A head and a probe, behind HTTP."""

    def __init__(self, folder: Path) -> None:
        self.has_worker: bool | None = True
        self.head = Endpoint(self._head)
        self.probe = Endpoint(self._probe)
        self.refuses: tuple[int, bytes] | None = None
        self._time = WorkerTime(clock=CLOCK)
        self._served = InProcessEdge(folder, folder / "work", {HEAD: self.head, PROBE: self.probe})

    def _head(self, body: bytes) -> tuple[int, bytes]:
        request = read_frame(body)
        if self.refuses is not None and len(request.tensor):
            return self.refuses
        stay = self._time.take().stay() if request.times else None
        output = np.zeros((1, 4), np.float32)
        answer = Frame(output, "float32", request.identity, seconds=0.001, number=request.number, times=stay)
        return 200, write_frame(answer)

    def _probe(self, body: bytes) -> tuple[int, bytes]:
        status, answer = answer_probe(body, self._time.take(), lambda _: self.has_worker)
        return status.value, answer

    def client(self) -> EdgeClient:
        """A client that knows nothing of it yet."""
        return EdgeClient(self._served.url, token_file=self._served.token_file)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """It listens for as long as the context lasts."""
        with self._served:
            yield


class OldEdge(Edge):
    """One of an edgent whose frames and probes say nothing of time."""

    def _head(self, body: bytes) -> tuple[int, bytes]:
        if body[2] == WIRE_VERSION_WITH_TIMES:
            status, answer = refuse(
                HTTPStatus.CONFLICT, "wire version 3, but this side speaks 1 and 2: use the same edgent"
            )
            return status.value, answer
        return super()._head(body)

    def _probe(self, body: bytes) -> tuple[int, bytes]:
        if int.from_bytes(body[:4], "little") > 1 << 20:
            return 400, answer_probe(b"", self._time.take(), lambda _: None)[1]
        return super()._probe(body)


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    """An edge of this edgent."""
    edge = Edge(tmp_path)
    with edge.serving():
        yield edge


@pytest.fixture
def old_edge(tmp_path: Path) -> Iterator[OldEdge]:
    """An edge of an earlier one."""
    edge = OldEdge(tmp_path)
    with edge.serving():
        yield edge


@pytest.fixture
def old_client(old_edge: OldEdge) -> Iterator[EdgeClient]:
    """A client of that."""
    client = old_edge.client()
    yield client
    client.close()


@pytest.fixture
def client(edge: Edge) -> Iterator[EdgeClient]:
    """A client of the edge."""
    client = edge.client()
    yield client
    client.close()


def _ask(client: EdgeClient) -> Frame:
    request = client.write_request(ADDRESS, IMAGE, "raw", "float32", 5.0)
    return client.read_reply(ADDRESS, client.exchange(ADDRESS, request, Deadline.after(5.0)))


@pytest.mark.parametrize(("up", "down"), [(1000, 321), (4, 0)])
def test_a_probe_asks_what_time_it_is(edge: Edge, client: EdgeClient, up: int, down: int) -> None:
    """So many bytes up and down, or as many as that takes; the clock is known afterwards."""
    reply = client.probe(up, down, Deadline.after(5.0))
    assert len(edge.probe.asked[0]) == max(up, SMALLEST_REQUEST_BYTES)
    assert len(reply.body) == max(down, 22)
    offset = client.clocks.offset(CLOCK)
    assert offset is not None
    assert offset.high_s - offset.low_s < 5.0


def test_the_first_request_asks_for_the_clock_and_the_second_tells_on_it(
    edge: Edge, client: EdgeClient
) -> None:
    """No probe is needed."""
    first = _ask(client)
    _ask(client)
    times = [read_frame(body).times for body in edge.head.asked]
    assert times[0] == SentAt()
    assert isinstance(times[1], SentAt)
    assert times[1].clock == CLOCK
    assert isinstance(first.times, Stay)


def test_two_clients_of_one_edge_share_its_clock(client: EdgeClient) -> None:
    """What checks learn, requests know."""
    other = client.another()
    other.check(ADDRESS, Deadline.after(5.0))
    assert other.url == client.url
    sent = client.clocks.sent_now()
    assert sent is not None
    assert sent.clock == CLOCK
    other.close()


def test_an_old_edge_is_asked_in_its_own_words(
    old_edge: OldEdge, old_client: EdgeClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The first request goes out twice and is answered, the next ones once; it is said once."""
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert _ask(old_client).times is None
        old_client.probe(100, 50, Deadline.after(5.0))
    assert [body[2] for body in old_edge.head.asked] == [3, 1, 1, 1]
    assert len(old_edge.probe.asked) == 1
    assert len([record for record in caplog.records if "tells no times" in record.message]) == 1


def test_an_old_probe_is_asked_as_ever(old_edge: OldEdge, old_client: EdgeClient) -> None:
    """Its refusal tells of what edgent it is, so that no request goes out twice."""
    assert old_client.probe(100, 50, Deadline.after(5.0)).body == bytes(50)
    _ask(old_client)
    assert [len(body) for body in old_edge.probe.asked] == [100, 100]
    assert [body[2] for body in old_edge.head.asked] == [1]


@pytest.mark.parametrize(
    ("has_worker", "error", "words"),
    [
        (True, QueueFullError, "has a worker, and its queue is full"),
        (False, NoWorkerError, "has no worker"),
        (None, EdgeBusyError, "is not ready"),
    ],
)
def test_why_an_edge_is_busy(
    edge: Edge, client: EdgeClient, has_worker: bool | None, error: type[EdgeBusyError], words: str
) -> None:
    """TorchServe says that there is no worker; the probe knows whether there is one."""
    edge.refuses, edge.has_worker = (503, NO_WORKER), has_worker
    with pytest.raises(EdgeBusyError, match=words) as raised:
        _ask(client)
    assert type(raised.value) is error
    assert edge.probe.asked[0][SMALLEST_REQUEST_BYTES:].decode() == f"{HEAD}/{ADDRESS.version}"


def test_a_worker_that_failed_is_no_full_queue(edge: Edge, client: EdgeClient) -> None:
    """TorchServe says 503 of that as well, in other words; the probe is not asked."""
    edge.refuses = 503, b'{"code": 503, "message": "Prediction failed"}'
    with pytest.raises(EdgeBusyError, match="Prediction failed") as raised:
        _ask(client)
    assert type(raised.value) is EdgeBusyError
    assert not edge.probe.asked


def test_an_old_edge_does_not_tell_why(old_edge: OldEdge, old_client: EdgeClient) -> None:
    """Nor is it asked."""
    _ask(old_client)
    old_edge.refuses = 503, NO_WORKER
    with pytest.raises(EdgeBusyError) as raised:
        _ask(old_client)
    assert type(raised.value) is EdgeBusyError
    assert not old_edge.probe.asked


def test_what_expired_tells_the_time_and_the_load(edge: Edge, client: EdgeClient) -> None:
    """The refusal's stay is learnt as an answer's is."""
    stay = Stay(CLOCK, edge._time.take().at_us, 0.0, 0.25)
    edge.refuses = (
        504,
        refuse(HTTPStatus.GATEWAY_TIMEOUT, "expired: 300.0 ms on its way and in the queue", stay)[1],
    )
    with pytest.raises(ExpiredError, match="computed nothing: expired") as raised:
        _ask(client)
    assert raised.value.stay.busy_s == 0.25
    assert client.clocks.offset(CLOCK) is not None
    assert raised.value.waited_s is not None


def test_a_proxy_that_gives_up_is_no_worker(edge: Edge, client: EdgeClient) -> None:
    """It says 504 as well, and nothing of a stay."""
    edge.refuses = 504, b"<html>gateway timeout</html>"
    with pytest.raises(EdgeTimeoutError):
        _ask(client)
