"""Many devices at one edge: throughput and latency, and what the load does to another device's plans."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.studies.comparison.grid import most_common
from benchmarks.studies.comparison.methods import METHODS
from benchmarks.testbed.device.load import Load
from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import Rig
from edgent.planning.plan import Plan

DEVICES = (1, 4, 16, 64)
BATCH_SIZES = (1, 8)
LATE_S = 0.1
"""The latency requirement that the late share is about."""
_OBSERVER = "observer"
_OBSERVER_REQUIREMENT_S = 0.5
_OBSERVER_RATE_BPS = 2e6
_OBSERVED = 0.6
"""The share of a load's time in which the other device asks."""


@dataclass(frozen=True)
class LoadRow:
    """A number of devices.

    Attributes:
        late_share: Of the answers, over `LATE_S`; None where there was no answer.
        observer_plan: What another device, planning by itself on a link of 2 Mbps, chose most often.
        observer_s, observer_predicted_s: Its median latency, and what it expected.
    """

    devices: int
    batch_size: int
    throughput: float
    p50_s: float | None
    p99_s: float | None
    late_share: float | None
    refused: int
    observer_plan: Plan
    observer_s: float
    observer_predicted_s: float


def run_load(
    rig: Rig, batch_size: int, devices: Sequence[int], seconds: float, tell: Tell
) -> Iterator[LoadRow]:
    """Load the edge from within, beside its link, and let a device observe."""
    rig.set_rate(_OBSERVER_RATE_BPS)
    known = rig.open(_OBSERVER)
    plan = METHODS["edge-only jpeg"].choose(known.costs, known.link, 1.0)
    assert plan is not None, "edge-only always has a plan"
    for place, count in enumerate(devices):
        tell(f"{count} devices, batches of {batch_size}", place / len(devices))
        program = rig.start_load(plan, count, seconds)
        observed: list[Reply] = []
        while len(observed) < 2 or sum(reply.latency_s for reply in observed) < _OBSERVED * seconds:
            observed.append(rig.infer(_OBSERVER, len(observed), _OBSERVER_REQUIREMENT_S))
        load = Load(**program.read())
        program.close()
        yield _row(count, batch_size, load, observed[len(observed) // 2 :])


def _row(devices: int, batch_size: int, load: Load, observed: Sequence[Reply]) -> LoadRow:
    p50_s, p99_s = np.percentile(load.latency_s, (50, 99)).tolist() if load.latency_s else (None, None)
    late = np.array(load.latency_s) > LATE_S
    return LoadRow(
        devices=devices,
        batch_size=batch_size,
        throughput=len(load.latency_s) / load.seconds,
        p50_s=p50_s,
        p99_s=p99_s,
        late_share=float(late.mean()) if load.latency_s else None,
        refused=load.refused,
        observer_plan=most_common(reply.plan for reply in observed),
        observer_s=float(np.median([reply.latency_s for reply in observed])),
        observer_predicted_s=float(
            np.median([reply.predicted_s for reply in observed if reply.predicted_s is not None])
        ),
    )
