"""What the hedge costs while the edge is on time: two devices in turn, one with it and one without."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from device_runtime.runtime import DeviceRuntime

_GENEROUS_S = 2.0


@dataclass(frozen=True)
class HedgeCost:
    """With a hedge over without; 1 is no difference.

    Attributes:
        latency_spread: half the range that 95 % of resampled ratios lie in.
        local_runs: local exits that ran although the edge was on time.
    """

    latency: float
    latency_spread: float
    cpu: float
    local_runs: int
    requests: int


def hedge_cost(hedged: DeviceRuntime, plain: DeviceRuntime, images: np.ndarray, count: int) -> HedgeCost:
    """Ask both in turn, the first first and the second first alternately."""
    latencies: dict[bool, list[float]] = {True: [], False: []}
    cpu_s = {True: 0.0, False: 0.0}
    local_runs = 0
    for k in range(count):
        for has_hedge in (True, False) if k % 2 else (False, True):
            runtime = hedged if has_hedge else plain
            began_s = time.process_time()
            answer = runtime.infer(images[k % len(images)], _GENEROUS_S)
            cpu_s[has_hedge] += time.process_time() - began_s
            latencies[has_hedge].append(answer.latency_s)
            local_runs += not answer.plan.remote
    pairs = np.array([latencies[True], latencies[False]])
    random = np.random.default_rng(0)
    drawn = pairs[:, random.integers(0, count, (400, count))]
    ratios = np.median(drawn[0], axis=1) / np.median(drawn[1], axis=1)
    low, high = np.quantile(ratios, [0.025, 0.975])
    return HedgeCost(
        float(np.median(pairs[0]) / np.median(pairs[1])),
        float(high - low) / 2,
        cpu_s[True] / cpu_s[False],
        local_runs,
        count,
    )
