"""Many devices at the pipeline's endpoint and at a head of its own, in turn."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.testbed.device.load import Load, put_load
from benchmarks.testbed.progress import Tell
from device_runtime.edges.addresses import Address
from device_runtime.exchange.edge_client import EdgeClient

DEVICES = 16


@dataclass(frozen=True)
class Pair:
    """Two runs, one after the other: answers a second and the median seconds of one, of either endpoint."""

    own_per_s: float
    pipeline_per_s: float
    own_s: float
    pipeline_s: float
    refused: int

    @property
    def ratio(self) -> float:
        """The pipeline's throughput over the head's."""
        return self.pipeline_per_s / self.own_per_s


def compare_throughput(
    new_client: Callable[[], EdgeClient],
    inputs: np.ndarray,
    own: Address,
    pipeline: Address,
    pairs: int,
    seconds: float,
    tell: Tell,
) -> list[Pair]:
    """Let devices ask without a pause, now this endpoint, now that; which one is first alternates.

    Args:
        new_client: Makes a device's client.
        inputs: What they send, shape (n, *input shape).
        own: Of a head with an endpoint of its own.
        pipeline: Of the same layers at the pipeline's endpoint.
        pairs: How many pairs of runs.
        seconds: Of one run.
        tell: Is told of the progress.
    """
    measured: list[Pair] = []
    for number in range(pairs):
        tell(f"{DEVICES} devices, either endpoint in turn", number / pairs)
        loads: dict[Address, Load] = {}
        for address in (own, pipeline) if number % 2 else (pipeline, own):
            loads[address] = put_load(new_client, inputs, address, "raw", DEVICES, seconds)
        of_own, of_pipeline = loads[own], loads[pipeline]
        measured.append(
            Pair(
                len(of_own.latency_s) / of_own.seconds,
                len(of_pipeline.latency_s) / of_pipeline.seconds,
                float(np.median(of_own.latency_s)),
                float(np.median(of_pipeline.latency_s)),
                of_own.refused + of_pipeline.refused,
            )
        )
    return measured
