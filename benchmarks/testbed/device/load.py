"""Many devices at one edge: each sends its next input as soon as it has the answer to the last."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import Address
from device_runtime.exchange.edge_client import EdgeClient
from edgent.errors import EdgeError

_PATIENCE_S = 10.0
_WARM_UP = 0.2


@dataclass(frozen=True)
class Load:
    """What a load came to, after a fifth of its time.

    Attributes:
        seconds: How long exchanges were counted.
    """

    latency_s: list[float]
    refused: int
    seconds: float


def put_load(
    new_client: Callable[[], EdgeClient],
    inputs: np.ndarray,
    address: Address,
    codec: str,
    devices: int,
    seconds: float,
) -> Load:
    """Ask the head of an edge-only plan for a while."""
    tensors = inputs[:, np.newaxis]
    latency_s: list[float] = []
    refused: list[EdgeError] = []
    began_s = time.perf_counter()
    counted_from_s, ends_s = began_s + _WARM_UP * seconds, began_s + seconds

    def device(number: int) -> None:
        client, turn = new_client(), number
        while time.perf_counter() < ends_s:
            frame = client.write_request(address, tensors[turn % len(tensors)], codec, "float32", _PATIENCE_S)
            sent_s = time.perf_counter()
            try:
                client.read_reply(address, client.exchange(address, frame, Deadline.after(_PATIENCE_S)))
            except EdgeError as error:
                refused.append(error)
                time.sleep(0.01)
            else:
                if sent_s >= counted_from_s:
                    latency_s.append(time.perf_counter() - sent_s)
            turn += 1
        client.close()

    threads = [threading.Thread(target=device, args=(number,)) for number in range(devices)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(latency_s, len(refused), (1 - _WARM_UP) * seconds)
