"""How fast this machine is, from the beginning of a run to its end."""

import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np

MOST_DRIFT = 0.1
"""By how much a fixed computation may change, relative, before a run's figures cannot be compared."""
_RUNS = 60
_SIDE = 256


def speed_s(clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of a fixed computation: the median of many products of the same matrices."""
    matrix = np.random.default_rng(0).random((_SIDE, _SIDE), dtype=np.float32)
    took_s = []
    for _ in range(_RUNS):
        began_s = clock()
        for _ in range(4):
            matrix @ matrix
        took_s.append(clock() - began_s)
    return median(took_s)


def drift(speeds_s: Sequence[float]) -> float:
    """By how much the slowest of the measured speeds differs from the fastest, relative to it."""
    return max(speeds_s) / min(speeds_s) - 1
