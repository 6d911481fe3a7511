"""The program that measures by how much a group slows down a fixed computation.

`python -m benchmarks.testbed.quota.probe SLOWDOWN GROUP_FOLDER...` measures in turns at full speed, outside,
and in the group, whose folders (one in each hierarchy) it joins and leaves. It prints JSON: `sustained` for
long computations, `after_a_pause` for computations of 2 ms that begin at a random moment of the period.
"""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.testbed.quota.quota import DEVICE_PRIORITY

_TURNS = 5
_LONG_S = 0.4
_SHORT_CPU_S = 0.002
_SHORT_TOTAL_S = 0.3


def compute(iterations: int) -> int:
    """The fixed computation."""
    total = 0
    for number in range(iterations):
        total += number * number
    return total


def full_speed() -> float:
    """Iterations per second of CPU time: the median of several batches of about a millisecond."""
    iterations = 20_000
    elapsed_s = []
    for _ in range(30):
        started_s = time.thread_time()
        compute(iterations)
        elapsed_s.append(time.thread_time() - started_s)
    return iterations / statistics.median(elapsed_s)


def sustained(per_second: float, slowdown: float) -> float:
    """Slowdown of a long computation."""
    iterations = int(per_second * _LONG_S / slowdown)
    started_s = time.monotonic()
    compute(iterations)
    return (time.monotonic() - started_s) * per_second / iterations


def after_a_pause(per_second: float, slowdown: float, pauses: random.Random) -> float:
    """Mean slowdown of short computations, each from when it was due to when it was done."""
    iterations = int(per_second * _SHORT_CPU_S)
    elapsed_s = []
    for _ in range(max(2, min(6, round(_SHORT_TOTAL_S / _SHORT_CPU_S / slowdown)))):
        pause_s = pauses.uniform(0.02, 0.06)
        due_s = time.monotonic() + pause_s
        time.sleep(pause_s)
        compute(iterations)
        elapsed_s.append(time.monotonic() - due_s)
    return statistics.mean(elapsed_s) / _SHORT_CPU_S


def move(folders: Iterable[Path]) -> None:
    """Make this process a member of these groups."""
    for folder in folders:
        (folder / "cgroup.procs").write_text(str(os.getpid()))


def main(slowdown: str, *folders: str) -> None:
    """Measure outside and inside in turns, so that a busy machine disturbs both alike."""
    inside = [Path(folder) for folder in folders]
    outside = [folder.parents[1] for folder in inside]
    pauses = random.Random(0)  # noqa: S311 spreads the starts over the quota's period; no secret
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(DEVICE_PRIORITY))
    turns = []
    for _ in range(_TURNS):
        per_second = full_speed()
        move(inside)
        long = sustained(per_second, float(slowdown))
        turns.append((long, after_a_pause(per_second, float(slowdown), pauses)))
        move(outside)
    long_turns, short_turns = zip(*turns, strict=True)
    measured = {"sustained": statistics.median(long_turns), "after_a_pause": statistics.mean(short_turns)}
    sys.stdout.write(json.dumps(measured))


if __name__ == "__main__":
    main(*sys.argv[1:])
