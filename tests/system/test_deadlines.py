"""A slow head of a real TorchServe: what nobody waits for is not computed; a full queue is told as one."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import AddressBook
from device_runtime.exchange.edge_client import EdgeClient
from edgent.core.probe import PROBE
from edgent.core.served_version import served_version
from edgent.core.stay import Stay
from edgent.edge.mar import head_files, mar_file, write_mar
from edgent.edge.serving import Serving
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe
from edgent.errors import EdgeError, ExpiredError, NoWorkerError, QueueFullError
from tests.torchserve_fixtures import ended_at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edgent.core.wire import Frame
    from edgent.network import Network

SLOW, COLD = "tiny-p03", "tiny-p02"
RUN_S, QUEUE, DEVICES = 0.15, 8, 8
IMAGE = np.zeros((1, 3, 8, 8), np.uint8)
SLOWED = """

def _slow(self: LoadedWindow, tensor: np.ndarray) -> np.ndarray:
    with open({log!r}, "a") as log:
        log.write("run\\n")
    time.sleep({run_s})
    return self._segment.run(tensor)


LoadedWindow.run = _slow
"""


@dataclass(frozen=True)
class Slow:
    """A TorchServe with a slow head, one without a worker, and a line in a file for each run."""

    server: TorchServe
    network: Network
    log: Path

    def runs(self) -> int:
        """How often the slow head was computed."""
        return len(self.log.read_text().splitlines())

    def ask(self, head: str, client: EdgeClient, budget_s: float) -> Frame:
        """One request, waited for long after its budget."""
        address = AddressBook(self.network).head(head)
        request = client.write_request(address, IMAGE, "raw", "float32", budget_s)
        return client.read_reply(address, client.exchange(address, request, Deadline.after(20)))

    def together(
        self, count: int, budget_s: float, told: bool = True
    ) -> tuple[list[Frame | EdgeError], list[float]]:
        """What as many devices get that ask at once, and after how many seconds.

        Args:
            count: how many.
            budget_s: of each request, from when it is written.
            told: whether the devices know the edge's clock.
        """
        clients = [
            EdgeClient(self.server.addresses.inference, token_file=self.server.token_file)
            for _ in range(count)
        ]
        for client in clients:
            client.probe(16, 16, Deadline.after(20))
            if not told:
                client.clocks._known.clear()
        start = threading.Barrier(count)

        def one(client: EdgeClient) -> tuple[Frame | EdgeError, float]:
            start.wait()
            began_s = time.perf_counter()
            try:
                return self.ask(SLOW, client, budget_s), time.perf_counter() - began_s
            except EdgeError as error:
                return error, time.perf_counter() - began_s
            finally:
                client.close()

        with ThreadPoolExecutor(count) as pool:
            got, took_s = zip(*pool.map(one, clients), strict=True)
        return list(got), list(took_s)


@pytest.fixture(scope="module")
def slow(tiny_network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slow]:
    """That server, once the slow head answers."""
    store, log = tmp_path_factory.mktemp("slow"), tmp_path_factory.mktemp("log") / "runs"
    log.touch()
    models = {model.name: model for model in build_store(store, plan_archives([tiny_network]))}
    serving = Serving(tiny_network.graph.sha256, tiny_network.spec.edge.providers, {}, 20, queue=QUEUE)
    files = head_files(SLOW, tiny_network.segments.standalone(1, 0, 3), serving)
    files["edgent/core/window.py"] += SLOWED.format(log=str(log), run_s=RUN_S).encode()
    mar = write_mar(store / mar_file(SLOW, served_version(tiny_network.graph.sha256)), files)
    served = [
        replace(models[SLOW], mar=mar, workers=1),
        replace(models[COLD], workers=0),
        replace(models[PROBE], workers=1),
    ]
    with TorchServe(store, served) as server, ended_at_once(server):
        slow = Slow(server, tiny_network, log)
        client = EdgeClient(server.addresses.inference, token_file=server.token_file)
        _until_answered(lambda: slow.ask(SLOW, client, 0.0))
        client.close()
        yield slow


def _until_answered(ask: Callable[[], object]) -> None:
    for _ in range(100):
        try:
            ask()
        except EdgeError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the slow head does not answer")


def test_what_expired_in_the_queue_is_not_computed(slow: Slow) -> None:
    """Eight at once, each with time for two runs: two or three are computed, the others answered at once."""
    before = slow.runs()
    got, took_s = slow.together(DEVICES, budget_s=2 * RUN_S)
    computed = [one for one in got if not isinstance(one, EdgeError)]
    expired = [one for one in got if isinstance(one, ExpiredError)]
    assert len(computed) + len(expired) == DEVICES, got
    assert slow.runs() - before == len(computed)
    assert 1 <= len(computed) <= 3
    for error in expired:
        assert "computed nothing" in str(error)
        assert "in the queue" in str(error) or "are left" in str(error)
        assert error.waited_s is not None
        assert error.waited_s > RUN_S
        assert error.stay.busy_s > RUN_S / 2, "it queued behind others"
    assert max(took_s) < 6 * RUN_S, "nobody waits for what is computed in vain"
    busy_s = [one.times.busy_s for one in computed if isinstance(one.times, Stay)]
    assert len(busy_s) == len(computed)
    assert min(busy_s) < RUN_S / 2, "the first did not queue"


def test_without_its_clock_nothing_expires(slow: Slow) -> None:
    """Budgets count from when the worker takes a request, as ever: each is computed, seven in vain."""
    before = slow.runs()
    got, took_s = slow.together(DEVICES, budget_s=2 * RUN_S, told=False)
    assert [one for one in got if isinstance(one, EdgeError)] == []
    assert slow.runs() - before == DEVICES
    assert max(took_s) > (DEVICES - 1) * RUN_S


def test_a_full_queue_is_told_from_a_missing_worker(slow: Slow) -> None:
    """TorchServe says the same of both; its probe knows who has a worker."""
    got, _ = slow.together(QUEUE + 6, budget_s=0.0)
    refused = [one for one in got if isinstance(one, EdgeError)]
    assert refused
    assert {type(error) for error in refused} == {QueueFullError}
    assert "its queue is full" in str(refused[0])
    client = EdgeClient(slow.server.addresses.inference, token_file=slow.server.token_file)
    with pytest.raises(NoWorkerError, match="tiny-p02 has no worker"):
        slow.ask(COLD, client, 0.0)
    client.close()
