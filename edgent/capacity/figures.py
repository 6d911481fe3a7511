"""What a simulation comes to: late answers, who answered, how busy edges are, which plans were chosen."""

from dataclasses import dataclass

import numpy as np

from edgent.capacity.outcome import EdgeFate, Fate, Outcome
from edgent.capacity.scenario import Edges, Scenario
from edgent.planning.costs import FloatArray


@dataclass(frozen=True)
class Figures:
    """Shares are of all requests unless something else is said.

    Attributes:
        edges: how many there are.
        workers: of each; None: as many as it takes for nobody to wait.
        requests: that were simulated and count.
        late_share: answered after the latency requirement, or not at all.
        device_share: answered by the device alone, as planned.
        edge_share: answered by way of the edge.
        stood_by_share: answered by a local exit, as the edge was late or said no.
        stood_by_accuracy: mean of these answers; None where there are none.
        refused_share: refused by an edge with a full queue.
        expired_share: not computed by the edge, as they would have been late.
        in_vain_share: of the seconds that workers were busy, those for answers that nobody took.
        accuracy: mean of the answers in time; None where there are none.
        latency_s: mean of these; None where there are none.
        wait_s: mean in an edge's queue; None where nobody was told.
        longest_wait_s: that 99 % of them did not exceed; None where nobody was told.
        utilisation: share of the time for which workers are busy; None where nobody waits.
        device_utilisation: share of the time for which a device computes as planned; above 1 it could not.
        goodput_hz: answers in time a second, of all devices together.
        plans: chosen plans with their shares, the most frequent first.
    """

    edges: int
    workers: int | None
    requests: int
    late_share: float
    device_share: float
    edge_share: float
    stood_by_share: float
    stood_by_accuracy: float | None
    refused_share: float
    expired_share: float
    in_vain_share: float
    accuracy: float | None
    latency_s: float | None
    wait_s: float | None
    longest_wait_s: float | None
    utilisation: float | None
    device_utilisation: float
    goodput_hz: float
    plans: tuple[tuple[str, float], ...]

    @property
    def missed_share(self) -> float:
        """Planned with the edge, whose answer was not there in time, or late anyway."""
        return self.stood_by_share + self.late_share

    @property
    def total_workers(self) -> int:
        """Of all edges; 0 where their number is not limited."""
        return self.edges * (self.workers or 0)


def figures_of(outcome: Outcome, scenario: Scenario, edges: Edges) -> Figures:
    """Figures of one simulation."""
    waits_s = outcome.wait_s[~np.isnan(outcome.wait_s)]
    device_s = scenario.conditions.table.device_compute_s[outcome.plan]
    busy_s = float(outcome.busy_s.sum())
    is_limited = edges.count > 0 and edges.workers is not None
    return Figures(
        edges=edges.count,
        workers=edges.workers,
        requests=outcome.fate.size,
        late_share=_share(outcome, Fate.LATE),
        device_share=_share(outcome, Fate.DEVICE),
        edge_share=_share(outcome, Fate.EDGE),
        stood_by_share=_share(outcome, Fate.STOOD_BY),
        stood_by_accuracy=_mean(outcome.accuracy[outcome.fate == Fate.STOOD_BY]),
        refused_share=float((outcome.on_edge == EdgeFate.REFUSED).mean()),
        expired_share=float((outcome.on_edge == EdgeFate.EXPIRED).mean()),
        in_vain_share=float(outcome.busy_s[outcome.in_vain].sum()) / busy_s if busy_s else 0.0,
        accuracy=_mean(outcome.accuracy[outcome.in_time]),
        latency_s=_mean(outcome.latency_s[outcome.in_time]),
        wait_s=_mean(waits_s),
        longest_wait_s=float(np.quantile(waits_s, 0.99)) if waits_s.size else None,
        utilisation=busy_s / outcome.capacity_s if is_limited else None,
        device_utilisation=float(device_s.mean()) * scenario.rate_hz,
        goodput_hz=float(outcome.in_time.mean()) * scenario.devices * scenario.rate_hz,
        plans=_plans(outcome, scenario),
    )


def _mean(values: FloatArray) -> float | None:
    return float(values.mean()) if values.size else None


def _share(outcome: Outcome, fate: Fate) -> float:
    return float((outcome.fate == fate).mean())


def _plans(outcome: Outcome, scenario: Scenario) -> tuple[tuple[str, float], ...]:
    """Chosen plans with their shares, the most frequent first."""
    counts = np.bincount(outcome.plan)
    order = np.argsort(-counts, kind="stable")
    plans = scenario.conditions.table.plans
    return tuple((str(plans[k]), float(counts[k] / outcome.plan.size)) for k in order.tolist() if counts[k])
