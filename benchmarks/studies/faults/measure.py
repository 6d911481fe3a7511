"""Requests under a fault, and what became of them: answered, right, in time, how soon back on the edge."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.testbed.device.runtimes import answer_alone
from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.faults.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import numpy as np

    from benchmarks.testbed.faults.fault import Kind
    from benchmarks.testbed.faults.faulty_link import FaultyLink
    from benchmarks.testbed.judge import Judge
    from device_runtime.answer import Answer
    from device_runtime.runtime import DeviceRuntime

PACE_S = 0.015
_LONGEST_RECOVERY_S = 30.0
_TOLERANCE = 1e-4


@dataclass
class Outcome:
    """What became of the requests of one trial.

    Attributes:
        overshoots_s: By how much each answer missed the requirement; negative when in time.
        wrong: Answers that differ from the unsplit network's at the exit that they report.
        back_after_s: From the fault's end to the first answer by way of the edge; None where none was seen.
    """

    latencies_s: list[float] = field(default_factory=list)
    overshoots_s: list[float] = field(default_factory=list)
    wrong: int = 0
    raised: int = 0
    by_edge: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    back_after_s: float | None = None

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return len(self.latencies_s) + self.raised


@dataclass(frozen=True)
class Subject:
    """A device and what it is asked.

    Attributes:
        images: Shape (n, *input shape).
    """

    runtime: DeviceRuntime
    images: np.ndarray
    judge: Judge
    requirement_s: float

    def ask(self, k: int, outcome: Outcome) -> Answer | None:
        """Make a request and judge its answer; None when it raised."""
        try:
            answer = self.runtime.infer(self.images[k % len(self.images)], self.requirement_s)
        except Exception as error:  # noqa: BLE001  the promise is that there is none of any kind
            outcome.raised += 1
            outcome.reasons[f"raised {type(error).__name__}"] += 1
            return None
        outcome.latencies_s.append(answer.latency_s)
        outcome.overshoots_s.append(answer.latency_s - self.requirement_s)
        outcome.wrong += not self.judge.is_right(answer.plan.exit, k, answer.logits, _TOLERANCE)
        outcome.by_edge += answer.plan.remote
        if answer.edge_error:
            outcome.reasons[answer.edge_error.split(":")[0]] += 1
        return answer

    def settle(self) -> None:
        """Ask until the edge answers again, so that trials do not disturb each other."""
        deadline_s = time.perf_counter() + 2 * _LONGEST_RECOVERY_S
        in_a_row, ignored = 0, Outcome()
        while in_a_row < 3:
            if time.perf_counter() > deadline_s:
                raise TestbedError(f"the edge does not answer without a fault: {dict(ignored.reasons)}")
            answer = self.ask(0, ignored)
            in_a_row = in_a_row + 1 if answer and answer.plan.remote else 0
            time.sleep(PACE_S)

    def message_bytes(self) -> tuple[int, int]:
        """The longest request and answer of the images, with what HTTP or gRPC adds."""
        timelines = [self.runtime.infer(image, 2.0).timeline for image in self.images]
        return max(times.sent_bytes for times in timelines), max(times.received_bytes for times in timelines)


def run_trial(
    subject: Subject,
    harm: Callable[[], AbstractContextManager[object]],
    count: int,
    *,
    again: Callable[[int], None] = lambda _: None,
    edge_is_back: Callable[[], None] = lambda: None,
) -> Outcome:
    """Requests while a harm lasts, then until the edge answers again.

    Args:
        subject: The device that is asked.
        harm: Does it, and undoes it at the end.
        count: How many requests to make meanwhile.
        again: Is called with each request's number before it, for harms that are done more than once.
        edge_is_back: Returns when the edge can answer again, for harms that outlast their end.
    """
    subject.settle()
    outcome = Outcome()
    with harm():
        for k in range(count):
            again(k)
            subject.ask(k, outcome)
            time.sleep(PACE_S)
    edge_is_back()
    ended_s = time.perf_counter()
    after, k = Outcome(), 0
    while outcome.back_after_s is None and time.perf_counter() < ended_s + _LONGEST_RECOVERY_S:
        answer = subject.ask(k, after)
        if answer is not None and answer.plan.remote:
            outcome.back_after_s = time.perf_counter() - ended_s
        time.sleep(PACE_S)
        k += 1
    outcome.wrong += after.wrong
    outcome.raised += after.raised
    outcome.latencies_s += after.latencies_s
    outcome.overshoots_s += after.overshoots_s
    return outcome


def sweep_places(request_bytes: int, answer_bytes: int, step: int) -> list[Fault]:
    """Resets and truncations at every byte of a request and of its answer, or at every `step`th byte."""
    kinds: tuple[Kind, ...] = ("reset", "truncate")
    return [
        *(Fault(kind, "up", at) for kind in kinds for at in range(0, request_bytes, step)),
        *(Fault(kind, "down", at) for kind in kinds for at in range(0, answer_bytes, step)),
    ]


def sweep(subject: Subject, link: FaultyLink, faults: Sequence[Fault], outcome: Outcome) -> Iterator[Fault]:
    """Ask once under each fault, and once without a fault after it; yields what was done."""
    subject.settle()
    for k, fault in enumerate(faults):
        with link.doing(fault):
            subject.ask(k, outcome)
        subject.ask(k + 1, outcome)
        yield fault


def late_start_floor(subject: Subject, count: int) -> Outcome:
    """What this machine does to a device alone that begins at the latest safe start, with no edge at all."""
    outcome = Outcome()
    for k in range(count):
        image = subject.images[k % len(subject.images)]
        took_s = answer_alone(subject.runtime, image, subject.requirement_s)
        outcome.latencies_s.append(took_s)
        outcome.overshoots_s.append(took_s - subject.requirement_s)
    return outcome
