"""How fast this machine is, from the beginning of a run to its end."""

import time
from collections.abc import Callable, Hashable, Mapping
from statistics import median
from typing import TypeVar

import numpy as np

MOST_DRIFT = 0.1
"""By how much a fixed computation may differ from the run's median, relative, before figures are no use."""
_BLOCKS, _RUNS = 5, 12
_SIDE = 256
Key = TypeVar("Key", bound=Hashable)


def speed_s(clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of a fixed computation: of several blocks of runs the one with the least median."""
    matrix = np.random.default_rng(0).random((_SIDE, _SIDE), dtype=np.float32)
    medians_s = []
    for _ in range(_BLOCKS):
        took_s = []
        for _ in range(_RUNS):
            began_s = clock()
            for _ in range(4):
                matrix @ matrix
            took_s.append(clock() - began_s)
        medians_s.append(median(took_s))
    return min(medians_s)


def unsteady(speeds_s: Mapping[Key, float]) -> list[Key]:
    """While what was measured the machine was faster or slower than it usually was."""
    usual_s = median(speeds_s.values())
    return [key for key, took_s in speeds_s.items() if abs(took_s / usual_s - 1) > MOST_DRIFT]
