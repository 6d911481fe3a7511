"""What `edgent capacity` simulates of the very requests that whole runtimes made, beside these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.studies.load import runtimes_report as measured
from edgent.bandwidth.generator import steady_trace
from edgent.capacity.crowd import Crowd
from edgent.capacity.outcome import Fate
from edgent.capacity.scenario import Edges, Scenario
from edgent.capacity.simulation import grid_of, simulate_crowd
from edgent.capacity.spec_policy import spec_policy
from edgent.latency.loading import load_cost_table
from edgent.network import Network
from edgent.replay.conditions import Conditions
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.studies.load.runtimes import RuntimesCell
    from edgent.capacity.outcome import Outcome

_WORKERS = 1
_NEXT_DOOR_BPS = 1e9


@dataclass(frozen=True)
class Compared:
    """Figures of one cell, each as it was measured and as it was simulated.

    Attributes:
        goodput_hz: answers of edges in time, per second.
        late_share: of the requests that were asked, those that nobody answered in time.
        queue_s: mean time in an edge's queue of the answers that edges gave.
        local_share: of the requests that were asked, those that a local exit answered.
        skipped_share: of all, those that were not asked, as their device was at the one before.
        accuracy: mean of the answers in time.
    """

    edges: int
    devices: int
    load: float
    goodput_hz: tuple[float, float]
    late_share: tuple[float, float]
    queue_s: tuple[float, float]
    local_share: tuple[float, float]
    skipped_share: tuple[float, float]
    accuracy: tuple[float, float]


def compared(spec: Path, cell: RuntimesCell, idle_s: float, head_s: float) -> Compared:
    """A cell beside its simulation: the same spec, profiles, devices, moments, edges and workers.

    Args:
        spec: of the devices.
        cell: what was measured.
        idle_s: what an answer of the edge takes while nobody else asks; what it takes more, it queued.
        head_s: what of that the edge computes.
    """
    outcome = _simulated(spec, cell, idle_s - head_s)
    by_edge, skipped = outcome.fate == Fate.EDGE, outcome.fate == Fate.SKIPPED
    fates = outcome.fate[~skipped]
    queues_s = outcome.wait_s[by_edge]
    asked = [one for one in cell.counted if one.is_asked]
    took_s = [one.latency_s for one in asked if one.by_edge]
    in_time = [one for one in asked if measured.is_in_time(cell, one)]
    return Compared(
        cell.edges,
        cell.devices,
        cell.load,
        (measured.goodput_hz(cell), float(by_edge.sum()) / cell.counted_s),
        (measured.late_share(cell), float((fates == Fate.LATE).mean())),
        (
            float(np.mean(took_s)) - idle_s if took_s else 0.0,
            float(queues_s.mean()) if queues_s.size else 0.0,
        ),
        (
            sum(one.by_edge is None for one in asked) / max(len(asked), 1),
            float(np.isin(fates, (Fate.DEVICE, Fate.STOOD_BY)).mean()),
        ),
        (1.0 - len(asked) / max(len(cell.counted), 1), float(skipped.mean())),
        (
            float(np.mean([one.accuracy for one in in_time])),
            float(outcome.accuracy[outcome.in_time].mean()),
        ),
    )


def _simulated(spec: Path, cell: RuntimesCell, round_trip_s: float) -> Outcome:
    network = Network.open(read_spec(spec), spec.parent / "segments")
    section = network.spec.device
    conditions = Conditions(
        load_cost_table(network), cell.requirement_s, round_trip_s, hedged=bool(section.hedge)
    )
    scenario = Scenario(
        conditions,
        spec_policy(network),
        (steady_trace(_NEXT_DOOR_BPS),),
        cell.devices,
        cell.load,
        is_eager=section.hedge == "eager",
        known_edges=cell.edges,
        one_at_a_time=True,
    )
    return simulate_crowd(scenario, Edges(cell.edges, _WORKERS), grid_of(scenario), _crowd(cell))


def _crowd(cell: RuntimesCell) -> Crowd:
    """All requests that were due; each device has the edge of its number for its own."""
    due = cell.requests
    device = np.array([one.device for one in due])
    nothing, bps = np.zeros(len(due), np.int64), np.full(len(due), _NEXT_DOOR_BPS)
    due_s = np.array([one.due_s for one in due])
    return Crowd(
        cell.devices, cell.edges, cell.counted_s, cell.warm_up_s,
        due_s, device, device % cell.edges, nothing, bps, bps,
    )  # fmt: skip
