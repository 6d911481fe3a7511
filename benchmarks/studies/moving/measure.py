"""One method on a link that follows a trace: a photo comes every so often, and waits for nobody."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.studies.workload.answered import Answered
from benchmarks.studies.workload.bursts import Ask
from benchmarks.testbed.rig import Rig
from edgent.bandwidth.traces import BandwidthTrace

_FIRST_S = 0.1


@dataclass(frozen=True)
class Watched:
    """What a method made of the photos that came.

    Attributes:
        method: Its name.
        plan: What it was told to do; empty where it chooses by itself or has no choice.
        requirement_s: What it chooses for; None where nothing depends on it.
        answers: One for each photo; None where it came while an earlier one was still awaited, and is lost.
        speed_s: What a fixed computation took on this machine right after.
    """

    trace: str
    method: str
    plan: str
    requirement_s: float | None
    answers: Sequence[Answered | None]
    speed_s: float


def photo_times_s(total_s: float, pause_s: float) -> list[float]:
    """When photos come, from the beginning of a trace that lasts so long; there is one every `pause_s`."""
    times_s: list[float] = np.arange(_FIRST_S, total_s, pause_s).tolist()
    return times_s


def watch(
    ask: Ask[Answered],
    total_s: float,
    pause_s: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Answered | None]:
    """Ask for a photo every so often.

    Args:
        ask: Asks for a photo, by its number.
        total_s: How long.
        pause_s: From one photo to the next.
        clock: Monotonic seconds.
        sleep: Waits for some seconds.
    """
    answers: list[Answered | None] = []
    began_s = clock()
    for number, due_s in enumerate(photo_times_s(total_s, pause_s)):
        early_s = began_s + due_s - clock()
        if early_s < 0:
            answers.append(None)
            continue
        sleep(early_s)
        answers.append(ask(number))
    return answers


def on_trace(rig: Rig, trace: BandwidthTrace, ask: Ask[Answered], pause_s: float) -> list[Answered | None]:
    """Ask for photos while the link follows a trace, from its beginning to its end."""
    with rig.testbed.follow(trace):
        return watch(ask, trace.total_s, pause_s)
