"""Requests in a row, and a look at every process now and then."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np
import psutil

from benchmarks.testbed.progress import Tell
from device_runtime.runtime import DeviceRuntime

_REQUIREMENT_S = 0.5
_SAMPLES = 200


@dataclass(frozen=True)
class Sample:
    """What a process held at one moment.

    Attributes:
        requests: How many there had been.
        resident_mb: Resident memory, 10^6 bytes.
    """

    process: str
    requests: int
    resident_mb: float
    threads: int
    descriptors: int

    @classmethod
    def of(cls, name: str, process: psutil.Process, requests: int) -> "Sample":
        """Look at a process now."""
        with process.oneshot():
            resident_mb = process.memory_info().rss / 1e6
            return cls(name, requests, resident_mb, process.num_threads(), process.num_fds())


def soak(
    runtime: DeviceRuntime,
    processes: Mapping[str, psutil.Process],
    images: np.ndarray,
    count: int,
    tell: Tell,
) -> tuple[dict[str, list[Sample]], int]:
    """Samples of every process, and how many answers came by way of the edge."""
    samples: dict[str, list[Sample]] = {name: [] for name in processes}
    every = max(count // _SAMPLES, 1)
    by_edge = 0
    for k, image in enumerate(islice(cycle(images), count)):
        if k % every == 0:
            for name, process in processes.items():
                samples[name].append(Sample.of(name, process, k))
            tell("", k / count)
        by_edge += runtime.infer(image, _REQUIREMENT_S).plan.remote
    return samples, by_edge
