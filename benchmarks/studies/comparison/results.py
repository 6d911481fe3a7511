"""Everything that one run of the comparison measured, and the CSV files that keep it."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks.studies.comparison.dynamic import Step
from benchmarks.studies.comparison.limit import LimitRow, Parts
from benchmarks.studies.comparison.load import LoadRow
from benchmarks.studies.comparison.static_grid import Outcome


@dataclass(frozen=True)
class Results:
    """One run.

    Attributes:
        pipeline: its name.
        device: how slow it was.
        machine: where it ran.
        outcomes: of every method on every link under every requirement.
        steps: of the replayed traces.
        limits: T / T*.
        loads: of many devices.
        paths: number and layers of each exit.
    """

    pipeline: str
    device: str
    machine: str
    outcomes: tuple[Outcome, ...]
    steps: tuple[Step, ...]
    limits: tuple[LimitRow, ...]
    loads: tuple[LoadRow, ...]
    paths: Mapping[str, tuple[int, int]]

    @property
    def rates_bps(self) -> list[float]:
        """Of the static links, slow to fast."""
        return sorted({one.rate_bps for one in self.outcomes})

    @property
    def requirements_s(self) -> list[float]:
        """Short to long."""
        return sorted({one.latency_requirement_s for one in self.outcomes})

    @property
    def methods(self) -> list[str]:
        """In the order in which they are shown."""
        return list(dict.fromkeys(one.method for one in self.outcomes))

    def outcome(self, rate_bps: float, requirement_s: float, method: str) -> Outcome:
        """One cell."""
        return next(
            one
            for one in self.outcomes
            if (one.rate_bps, one.latency_requirement_s, one.method) == (rate_bps, requirement_s, method)
        )


def write_csv(results: Results, folder: Path) -> list[Path]:
    """One file for each kind of measurement, one line for each request."""
    ms = 1e3
    grid = (
        (
            one.rate_bps / 1e3,
            one.latency_requirement_s * ms,
            one.method,
            one.plan,
            reply.plan,
            reply.latency_s * ms,
            reply.accuracy,
        )
        for one in results.outcomes
        for reply in one.replies
    )
    steps = (
        (one.trace, one.policy, one.began_s, one.plan, one.latency_s * ms, one.accuracy, one.in_time)
        for one in results.steps
    )
    limits = (
        (
            row.rate_bps / 1e3,
            row.method,
            row.interface,
            row.ratio,
            *(getattr(row.parts, name) * ms for name in PART_NAMES),
        )
        for row in results.limits
    )
    loads = ((getattr(row, name) for name in _LOAD_NAMES) for row in results.loads)
    return [
        _write(folder / "comparison-static.csv", _GRID_HEADS, grid),
        _write(folder / "comparison-traces.csv", _STEP_HEADS, steps),
        _write(
            folder / "comparison-limit.csv",
            ("rate_kbps", "method", "interface", "ratio", *(f"{name[:-2]}_ms" for name in PART_NAMES)),
            limits,
        ),
        _write(folder / "comparison-load.csv", _LOAD_NAMES, loads),
    ]


PART_NAMES = [field.name for field in fields(Parts)]
_LOAD_NAMES = [field.name for field in fields(LoadRow)]
_GRID_HEADS = ("rate_kbps", "requirement_ms", "method", "plan", "answered_by", "latency_ms", "accuracy")
_STEP_HEADS = ("trace", "policy", "began_s", "plan", "latency_ms", "accuracy", "in_time")


def _write(path: Path, heads: Sequence[str], rows: Iterable[Iterable[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        writer.writerows(
            [round(value, 5) if isinstance(value, float) else value for value in row] for row in rows
        )
    return path
