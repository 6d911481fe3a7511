"""Whole runtimes at slow edges: they ask at random times, and plan with the queue that they met."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.studies.load.slow_edge import SlowEdge
    from device_runtime.runtime import DeviceRuntime

_AWAKE_S = 5e-3
"""Who is later than that with a request was at another one."""
_WARM_UP_S = 3.0
_ENDING_S = 0.5
_FIRST_REQUESTS = 3
_MOST_REQUESTS = 1_000_000


@dataclass(frozen=True)
class Request:
    """One request of a device.

    Attributes:
        due_s: when, from the beginning.
        is_asked: whether the device was free then.
        is_remote: whether its plan needed an edge.
        is_run: whether an edge computed it.
        by_edge: whether an edge's answer was given, and by which of them if so; None: a local exit's.
        latency_s: until the answer.
        queue_s: in the edge's queue, as the answer says; None where a local exit answered.
        accuracy: of the exit that answered.
        error: kind of the error with which the edge did not answer; empty where it did, or was not asked.
    """

    device: int
    due_s: float
    is_asked: bool
    is_remote: bool = False
    is_run: bool = False
    by_edge: str | None = None
    latency_s: float = 0.0
    queue_s: float | None = None
    accuracy: float = 0.0
    error: str = ""


@dataclass(frozen=True)
class RuntimesCell:
    """Some devices for some time.

    Attributes:
        edges: how many there are.
        load: Requests that are due, relative to what the edges can compute.
        requirement_s: within which answers are wanted.
        warm_up_s: what does not count of the time.
        counted_s: what does.
        requests: all of them, those that do not count, too.
    """

    edges: int
    devices: int
    load: float
    requirement_s: float
    warm_up_s: float
    counted_s: float
    requests: Sequence[Request]

    @property
    def counted(self) -> list[Request]:
        """The requests that count."""
        return [request for request in self.requests if request.due_s >= self.warm_up_s]


def warm_up(devices: Sequence[DeviceRuntime]) -> float:
    """Let each find out which head is ready, and see it answer.

    Returns:
        seconds that an answer of the edge takes while nobody else asks: the median of each device's last one.
    """
    took_s = []
    for device in devices:
        for _ in range(_FIRST_REQUESTS):
            answer = device.infer(_marked(device, 0))
            time.sleep(_AWAKE_S)
        if answer.edge:
            took_s.append(answer.latency_s)
    return float(np.median(took_s))


def measure_runtimes(
    devices: Sequence[DeviceRuntime],
    edges: Sequence[SlowEdge],
    load: float,
    capacity_hz: float,
    seconds: float,
    seed: int = 1,
) -> RuntimesCell:
    """Have devices ask as often together as the load says.

    Args:
        devices: Those that ask.
        edges: Those that they know.
        load: Requests that are due, relative to what the edges can compute.
        capacity_hz: What they can compute a second, all together.
        seconds: For how long it counts.
        seed: Of the times at which requests are due.
    """
    random = np.random.default_rng((seed, len(edges), len(devices), round(100 * load)))
    until_s = _WARM_UP_S + seconds
    rate_hz = load * capacity_hz
    due_s = np.cumsum(random.exponential(1 / rate_hz, round(2 * rate_hz * until_s) + 50))
    due_s = due_s[due_s < until_s]
    of_device = random.integers(len(devices), size=due_s.size)
    first = int(random.integers(_MOST_REQUESTS, 2**31))
    begins_s = time.perf_counter() + 0.2

    def live(device: int) -> list[tuple[int, Request]]:
        return [
            (n, _ask(devices[device], device, begins_s, float(due_s[n]), first + n))
            for n in np.flatnonzero(of_device == device).tolist()
        ]

    with ThreadPoolExecutor(len(devices)) as pool:
        asked = dict(one for of_one in pool.map(live, range(len(devices))) for one in of_one)
    time.sleep(_ENDING_S)
    ran = {mark - first for edge in edges for mark in edge.runs()}
    requests = [replace(asked[n], is_run=n in ran) for n in range(due_s.size)]
    requirement_s = devices[0].network.spec.latency_requirement_s
    return RuntimesCell(len(edges), len(devices), load, requirement_s, _WARM_UP_S, seconds, requests)


def _ask(runtime: DeviceRuntime, device: int, begins_s: float, due_s: float, mark: int) -> Request:
    """One request when it is due, or nothing where the device is at the one before."""
    wait_s = begins_s + due_s - time.perf_counter()
    if wait_s < -_AWAKE_S:
        return Request(device, due_s, is_asked=False)
    time.sleep(max(wait_s, 0.0))
    answer = runtime.infer(_marked(runtime, mark))
    return Request(
        device,
        due_s,
        is_asked=True,
        is_remote=answer.wanted.remote,
        by_edge=answer.edge,
        latency_s=answer.latency_s,
        queue_s=answer.timeline.queue_s if answer.edge else None,
        accuracy=runtime.local_exits.accuracy_of(answer.plan.exit),
        error=(answer.edge_error or "").partition(":")[0],
    )


def _marked(runtime: DeviceRuntime, mark: int) -> np.ndarray:
    """An input whose first four bytes are a number."""
    graph = runtime.network.graph
    image = np.zeros((1, *graph.input_shape), graph.input_dtype)
    image.reshape(-1)[:4] = list(mark.to_bytes(4, "big"))
    return image
