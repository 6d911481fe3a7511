"""The program that measures by how much a group slows down a fixed computation.

`python -m benchmarks.testbed.cpu_probe SLOWDOWN JOIN_FILE...` measures at full speed first, then joins the
group by writing its PID into the files, measures there, and prints JSON: `sustained` for long computations,
`after_a_pause` for computations of 2 ms that begin at a random moment of the quota's period.
"""

import json
import os
import random
import statistics
import sys
import time
from pathlib import Path

from benchmarks.testbed.cpu_quota import DEVICE_NICENESS

_LONG_S = 0.6
_SHORT_CPU_S = 0.002
_SHORT_TOTAL_S = 1.2
_SHORT_MOST = 30


def compute(iterations: int) -> int:
    """The fixed computation."""
    total = 0
    for number in range(iterations):
        total += number * number
    return total


def full_speed(batches: int = 100) -> float:
    """Iterations per second on an undisturbed core: the best of several batches of about a millisecond."""
    iterations = 20_000
    least_s = float("inf")
    for _ in range(batches):
        started_s = time.thread_time()
        compute(iterations)
        least_s = min(least_s, time.thread_time() - started_s)
    return iterations / least_s


def sustained(per_second: float, slowdown: float) -> float:
    """Slowdown of long computations: the median of three, each meant to take `_LONG_S`."""
    iterations = int(per_second * _LONG_S / slowdown)
    ratios = []
    for _ in range(3):
        started_s = time.monotonic()
        compute(iterations)
        ratios.append((time.monotonic() - started_s) * per_second / iterations)
    return statistics.median(ratios)


def after_a_pause(per_second: float, slowdown: float) -> float:
    """Mean slowdown of short computations, each from when it was due to when it was done."""
    iterations = int(per_second * _SHORT_CPU_S)
    pauses = random.Random(0)  # noqa: S311 spreads the starts over the quota's period; no secret
    elapsed_s = []
    for _ in range(min(_SHORT_MOST, max(8, int(_SHORT_TOTAL_S / _SHORT_CPU_S / slowdown)))):
        pause_s = pauses.uniform(0.02, 0.06)
        due_s = time.monotonic() + pause_s
        time.sleep(pause_s)
        compute(iterations)
        elapsed_s.append(time.monotonic() - due_s)
    return statistics.mean(elapsed_s) / _SHORT_CPU_S


def main(slowdown: str, *join_files: str) -> None:
    """Measure outside, join, measure inside."""
    per_second = full_speed()
    os.nice(DEVICE_NICENESS)
    for file in join_files:
        Path(file).write_text(str(os.getpid()))
    expected = float(slowdown)
    measured = {
        "sustained": sustained(per_second, expected),
        "after_a_pause": after_a_pause(per_second, expected),
    }
    sys.stdout.write(json.dumps(measured))


if __name__ == "__main__":
    main(*sys.argv[1:])
