"""Everything that a run of the comparison measured."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from benchmarks.studies.comparison.grid import Outcome
from benchmarks.studies.comparison.limit import PART_NAMES, LimitRow
from benchmarks.studies.comparison.load import LoadRow
from benchmarks.studies.comparison.traces import Replayed

Records = list[dict[str, object]]


@dataclass(frozen=True)
class Results:
    """A run.

    Attributes:
        outcomes: Of every method on every link under every requirement.
        replayed: Of the traces.
        limits: T / T*.
        loads: Of many devices.
        paths: Number and layers of each exit.
    """

    outcomes: tuple[Outcome, ...]
    replayed: tuple[Replayed, ...]
    limits: tuple[LimitRow, ...]
    loads: tuple[LoadRow, ...]
    paths: Mapping[str, tuple[int, int]]

    @property
    def rates_bps(self) -> list[float]:
        """Of the static links, slow to fast."""
        return sorted({outcome.rate_bps for outcome in self.outcomes})

    @property
    def requirements_s(self) -> list[float]:
        """Short to long."""
        return sorted({outcome.latency_requirement_s for outcome in self.outcomes})

    @property
    def methods(self) -> list[str]:
        """In the order in which they are shown."""
        return list(dict.fromkeys(outcome.method for outcome in self.outcomes))

    def outcome(self, rate_bps: float, requirement_s: float, method: str) -> Outcome:
        """What a method did on a link under a requirement."""
        where = (rate_bps, requirement_s, method)
        return next(
            outcome
            for outcome in self.outcomes
            if (outcome.rate_bps, outcome.latency_requirement_s, outcome.method) == where
        )


def records(results: Results) -> dict[str, Records]:
    """Every request, by kind of measurement."""
    grid: Records = [
        {
            "rate_kbps": outcome.rate_bps / 1e3,
            "requirement_ms": outcome.latency_requirement_s * 1e3,
            "method": outcome.method,
            "plan": outcome.plan,
            "answered_by": answer.plan,
            "latency_ms": answer.latency_s * 1e3,
            "accuracy": answer.accuracy,
        }
        for outcome in results.outcomes
        for answer in outcome.answers
    ]
    traces: Records = [
        {
            "trace": replayed.trace,
            "policy": replayed.policy,
            "began_s": answer.began_s - replayed.answers[0].began_s,
            "plan": answer.plan,
            "latency_ms": answer.latency_s * 1e3,
            "accuracy": answer.accuracy,
            "in_time": answer.in_time,
        }
        for replayed in results.replayed
        for answer in replayed.answers
    ]
    limits: Records = [
        {
            "rate_kbps": row.rate_bps / 1e3,
            "method": row.method,
            "interface": row.interface,
            "ratio": row.ratio,
            **{f"{name.removesuffix('_s')}_ms": getattr(row.parts, name) * 1e3 for name in PART_NAMES},
        }
        for row in results.limits
    ]
    loads: Records = [asdict(row) | {"observer_plan": row.observer_plan} for row in results.loads]
    kinds = {"static": grid, "traces": traces, "limit": limits, "load": loads}
    return {f"comparison-{kind}": rows for kind, rows in kinds.items()}
