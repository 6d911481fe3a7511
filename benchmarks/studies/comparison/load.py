"""Many devices at one edge: throughput and latency, and what the load does to another device's plans."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.studies.comparison.methods import METHODS
from benchmarks.testbed.rig import Rig
from edgent.planning.plan import Plan

DEVICES = (1, 4, 16, 64)
BATCH_SIZES = (1, 8)
LATE_S = 0.1
"""The latency requirement that the late share is about."""
_OBSERVER_REQUIREMENT_S = 0.5
_OBSERVER_RATE_BPS = 2e6


@dataclass(frozen=True)
class LoadRow:
    """One number of devices.

    Attributes:
        devices: that ask without a pause.
        batch_size: most requests that TorchServe puts together.
        throughput: answers a second.
        p50_s, p99_s: seconds of an exchange.
        late_share: of the answers, over `LATE_S`.
        refused: requests that the edge did not take.
        observer_plan: what another device, planning by itself on a link of 2 Mbps, chose most often.
        observer_s, observer_predicted_s: its median latency, and what it expected.
    """

    devices: int
    batch_size: int
    throughput: float
    p50_s: float
    p99_s: float
    late_share: float
    refused: int
    observer_plan: Plan
    observer_s: float
    observer_predicted_s: float


def run_load(
    rig: Rig,
    batch_size: int,
    devices: Sequence[int],
    seconds: float,
    tell: Callable[[str, float], None],
) -> list[LoadRow]:
    """Load the edge from within, beside its link, and let one device observe."""
    rig.set_rate(_OBSERVER_RATE_BPS)
    known = rig.open("observer", hedge=False)
    plan = METHODS["edge-only jpeg"].choose(known.candidates, known.link, 1.0)
    assert plan is not None
    rows = []
    for place, count in enumerate(devices):
        tell(f"{count} devices, batches of {batch_size}", place / len(devices))
        load = rig.start_load(plan, count, seconds)
        load.read()
        answers: list[dict[str, Any]] = []
        while len(answers) < 2 or sum(answer["latency_s"] for answer in answers) < 0.6 * seconds:
            answers.append(rig.infer("observer", _OBSERVER_REQUIREMENT_S, len(answers)))
        found = load.read()
        load.close()
        latency_s = np.array(found["latency_s"] or [np.inf])
        settled = answers[len(answers) // 2 :]
        rows.append(
            LoadRow(
                devices=count,
                batch_size=batch_size,
                throughput=len(found["latency_s"]) / found["seconds"],
                p50_s=float(np.median(latency_s)),
                p99_s=float(np.percentile(latency_s, 99)),
                late_share=float((latency_s > LATE_S).mean()),
                refused=found["refused"],
                observer_plan=Plan.parse(Counter(answer["plan"] for answer in settled).most_common(1)[0][0]),
                observer_s=float(np.median([answer["latency_s"] for answer in settled])),
                observer_predicted_s=float(np.median([answer["predicted_s"] for answer in settled])),
            )
        )
    return rows
