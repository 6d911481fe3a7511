"""Times echoes of several clients in turn, and counts what each of them puts on the wire."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import psutil

from benchmarks.studies.hop.clients import Echo
from benchmarks.testbed.errors import TestbedError


@dataclass(frozen=True)
class Hop:
    """What a hop costs.

    Attributes:
        overhead_bytes: On the wire beside the payload both ways, Ethernet, IP and TCP headers and
            acknowledgements included; None where other traffic may have crossed loopback.
    """

    server: str
    size_bytes: int
    p50_s: float
    p99_s: float
    overhead_bytes: float | None


def measure(
    clients: Mapping[str, Echo],
    payload: bytes,
    blocks: int,
    block: int,
    *,
    alone: bool,
) -> dict[str, Hop]:
    """Echo a payload through every client, a block in turn, so that all see the same machine.

    Bytes on the wire are counted where nothing else uses loopback (`alone`).
    """
    times: dict[str, list[float]] = {name: [] for name in clients}
    sent_bytes = dict.fromkeys(clients, 0)
    for _ in range(blocks):
        for name, echo in clients.items():
            before_bytes = _loopback_bytes()
            for _ in range(block):
                began_s = time.perf_counter()
                if echo(payload) != payload:
                    raise TestbedError(f"{name} did not echo {len(payload)} bytes")
                times[name].append(time.perf_counter() - began_s)
            time.sleep(0.05)  # the last acknowledgement is on its way
            sent_bytes[name] += _loopback_bytes() - before_bytes
    return {
        name: Hop(
            name,
            len(payload),
            float(np.quantile(times[name], 0.5)),
            float(np.quantile(times[name], 0.99)),
            sent_bytes[name] / (blocks * block) - 2 * len(payload) if alone else None,
        )
        for name in clients
    }


def fresh_p50_s(echo: Echo, payload: bytes, echoes: int, every_s: float) -> float:
    """Median seconds of the first echoes of a server that was just started, as a device asks: with pauses."""
    times = []
    for _ in range(echoes):
        time.sleep(every_s)
        began_s = time.perf_counter()
        echo(payload)
        times.append(time.perf_counter() - began_s)
    return float(np.median(times))


def _loopback_bytes() -> int:
    """Bytes that loopback carried in this network namespace."""
    sent: int = psutil.net_io_counters(pernic=True, nowrap=False)["lo"].bytes_sent
    return sent
