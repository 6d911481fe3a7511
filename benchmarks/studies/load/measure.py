"""Devices that ask at random times, each with a deadline; what would be late they answer themselves."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from device_runtime.deadline import Deadline
from edgent.errors import EdgeError, ExpiredError
from edgent.planning.plan import FLOAT32, RAW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.studies.load.slow_edge import SlowEdge
    from device_runtime.exchange.edge_client import EdgeClient

HEAD_S, REQUIREMENT_S = 0.05, 0.25
Method = Literal["kept", "from arrival"]
METHODS: tuple[Method, ...] = ("kept", "from arrival")
"""Deadlines that the edge keeps, and budgets that count from when its worker takes a request."""

_PATIENCE_S = 60.0
_ENDING_S = 0.5
Outcome = Literal["in time", "late", "expired", "failed", "not asked"]


@dataclass(frozen=True)
class Asked:
    """One request.

    Attributes:
        outcome: What came of it at the edge; ``not asked``: an exchange of before was still under way.
        took_s: Seconds from when it was due to its answer; 0 where it was not asked.
    """

    method: Method
    devices: int
    load: float
    device: int
    outcome: Outcome
    took_s: float


@dataclass(frozen=True)
class Cell:
    """Some devices for some time, and how often the head was computed for them."""

    method: Method
    devices: int
    load: float
    seconds: float
    runs: int
    asked: Sequence[Asked]


def measure(edge: SlowEdge, method: Method, devices: int, load: float, seconds: float, seed: int = 1) -> Cell:
    """Have devices ask as often together as the load says, and wait until the last is answered.

    Args:
        edge: What they ask.
        method: What they tell it of their deadlines.
        devices: How many.
        load: Requests that are due, relative to what the head can compute.
        seconds: For how long.
        seed: Of the times at which requests are due.
    """
    clients = [edge.client() for _ in range(devices)]
    for client in clients:
        client.probe(16, 16, Deadline.after(_PATIENCE_S))
        if method == "from arrival":
            client.clocks.not_told("a device of before")
    before = len(edge.runs())
    begins_s = time.perf_counter() + 0.2

    def live(device: int) -> list[Asked]:
        random = np.random.default_rng((seed, device))
        due_s = np.cumsum(random.exponential(devices * HEAD_S / load, int(3 * seconds / HEAD_S) + 10))
        return [
            Asked(method, devices, load, device, *_ask(edge, clients[device], begins_s + float(at_s)))
            for at_s in due_s[due_s < seconds]
        ]

    with ThreadPoolExecutor(devices) as pool:
        asked = [one for of_device in pool.map(live, range(devices)) for one in of_device]
    for client in clients:
        client.close()
    time.sleep(_ENDING_S)
    return Cell(method, devices, load, seconds, len(edge.runs()) - before, asked)


def _ask(edge: SlowEdge, client: EdgeClient, due_s: float) -> tuple[Outcome, float]:
    """One request when it is due, or nothing where the device is still waiting for the one before."""
    wait_s = due_s - time.perf_counter()
    if wait_s < -REQUIREMENT_S / 10:
        return "not asked", 0.0
    time.sleep(max(wait_s, 0.0))
    nothing = np.zeros((1, *edge.address.takes.shape), edge.address.takes.dtype)
    budget_s = due_s + REQUIREMENT_S - time.perf_counter()
    try:
        request = client.write_request(edge.address, nothing, RAW, FLOAT32, budget_s)
        client.read_reply(edge.address, client.exchange(edge.address, request, Deadline.after(_PATIENCE_S)))
    except ExpiredError:
        return "expired", time.perf_counter() - due_s
    except EdgeError:
        return "failed", time.perf_counter() - due_s
    took_s = time.perf_counter() - due_s
    return ("in time" if took_s <= REQUIREMENT_S else "late"), took_s
