"""Requests under a fault, and what became of them: answered, right, in time, how soon back on the edge."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from edgent.planning.fallback import Fallback, latest_safe_start

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from device_runtime.answer import Answer
    from device_runtime.runtime import DeviceRuntime
    from edgent.network import Network

PACE_S = 0.015
_LONGEST_RECOVERY_S = 30.0


def unsplit_logits(network: Network, images: np.ndarray) -> dict[str, np.ndarray]:
    """What the whole network says at each exit, shape (n, classes) each."""
    model = network.spec.resolve(network.spec.model.file).read_bytes()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = list(network.graph.exit_names)
    runs = [session.run(names, {network.graph.input_name: image[None]}) for image in images]
    return {name: np.concatenate([run[index] for run in runs]) for index, name in enumerate(names)}


@dataclass
class Outcome:
    """What became of the requests of one trial.

    Attributes:
        latencies_s: of each answer.
        overshoots_s: by how much each answer missed the requirement; negative when in time.
        wrong: answers that differ from the unsplit network's at the exit that they report.
        raised: requests that ended in an exception.
        by_edge: answers by way of the edge.
        reasons: kinds of errors that answers report of the edge.
        back_after_s: from the fault's end to the first answer by way of the edge; None: not seen.
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
        """How many were made."""
        return len(self.latencies_s) + self.raised


@dataclass(frozen=True)
class Subject:
    """A device and what it is asked.

    Attributes:
        images: shape (n, *input shape).
        logits: of the unsplit network, by exit, shape (n, classes) each.
        requirement_s: latency requirement of every request.
    """

    runtime: DeviceRuntime
    images: np.ndarray
    logits: dict[str, np.ndarray]
    requirement_s: float

    def ask(self, k: int, outcome: Outcome) -> Answer | None:
        """One request, judged; None when it raised."""
        k %= len(self.images)
        try:
            answer = self.runtime.infer(self.images[k], self.requirement_s)
        except Exception as error:  # noqa: BLE001  the promise is that there is none of any kind
            outcome.raised += 1
            outcome.reasons[f"raised {type(error).__name__}"] += 1
            return None
        outcome.latencies_s.append(answer.latency_s)
        outcome.overshoots_s.append(answer.latency_s - self.requirement_s)
        wanted = self.logits[answer.plan.exit][k]
        is_right = answer.class_index == wanted.argmax() and np.allclose(answer.logits, wanted, atol=1e-4)
        outcome.wrong += not is_right
        outcome.by_edge += answer.plan.partition_point > 0
        if answer.edge_error:
            outcome.reasons[answer.edge_error.split(":")[0]] += 1
        return answer

    def settle(self) -> None:
        """Ask until the edge answers again, so that trials do not disturb each other."""
        deadline_s = time.perf_counter() + 2 * _LONGEST_RECOVERY_S
        in_a_row, ignored = 0, Outcome()
        while in_a_row < 3:
            if time.perf_counter() > deadline_s:
                raise RuntimeError(f"the edge does not answer without a fault: {dict(ignored.reasons)}")
            answer = self.ask(0, ignored)
            in_a_row = in_a_row + 1 if answer and answer.plan.partition_point else 0
            time.sleep(PACE_S)


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
        subject: who is asked.
        harm: does it, and undoes it at the end.
        count: how many requests to make meanwhile.
        again: called with each request's number before it, for harms that are done more than once.
        edge_is_back: returns when the edge can answer again, for harms that outlast their end.
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
        if answer is not None and answer.plan.partition_point:
            outcome.back_after_s = time.perf_counter() - ended_s
        time.sleep(PACE_S)
        k += 1
    outcome.wrong += after.wrong
    outcome.raised += after.raised
    outcome.latencies_s += after.latencies_s
    outcome.overshoots_s += after.overshoots_s
    return outcome


def late_start_floor(subject: Subject, count: int) -> Outcome:
    """What this machine does to a device alone that begins at the latest safe start, with no edge at all."""
    outcome = Outcome()
    local_exits = subject.runtime.local_exits
    never = Event()
    for k in range(count):
        image = subject.images[k % len(subject.images)][None]
        began_s = time.perf_counter()
        planned = latest_safe_start(local_exits.times(), subject.requirement_s)
        assert isinstance(planned, Fallback), "a local exit fits the benchmark's requirement"
        never.wait(planned.latest_start_s)
        logits = local_exits.run(planned.exit, image)
        int(logits[0].argmax())
        took_s = time.perf_counter() - began_s
        local_exits.observe(planned.exit, took_s - planned.latest_start_s, waited=True)
        outcome.latencies_s.append(took_s)
        outcome.overshoots_s.append(took_s - subject.requirement_s)
    return outcome
