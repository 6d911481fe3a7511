"""The report of the faults: a row for each fault, and the promise in figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.studies.study import Report, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.studies.faults.hedge_cost import HedgeCost
    from benchmarks.studies.faults.measure import Outcome

TOLERANCE_S = 5e-3
LONGEST_RETURN_S = 5.0
_COLUMNS = (
    "device",
    "phase",
    "fault",
    "requests",
    "answered",
    "wrong",
    "by edge",
    "p50 ms",
    "p99 ms",
    "latest ms",
    "back s",
    "what the answers report",
)


@dataclass(frozen=True)
class Row:
    """A fault and its outcome."""

    device: str
    phase: str
    fault: str
    outcome: Outcome


def failures(rows: Sequence[Row], floor: Outcome) -> list[str]:
    """What breaks the promise: lost, wrong or late answers, or a device that does not return to the edge."""
    latest_s = max(floor.overshoots_s) + TOLERANCE_S
    broken = []
    for row in rows:
        outcome, where = row.outcome, f"{row.device}, {row.phase}, {row.fault}"
        if outcome.raised:
            broken.append(f"{where}: {outcome.raised} requests without an answer")
        if outcome.wrong:
            broken.append(f"{where}: {outcome.wrong} wrong answers")
        if max(outcome.overshoots_s, default=-math.inf) > latest_s:
            broken.append(f"{where}: an answer came {max(outcome.overshoots_s) * 1e3:.1f} ms late")
        if outcome.back_after_s is None:
            broken.append(f"{where}: the device did not return to the edge")
        elif outcome.back_after_s > LONGEST_RETURN_S:
            broken.append(f"{where}: back on the edge after {outcome.back_after_s:.2f} s")
    return broken


def report(rows: Sequence[Row], floor: Outcome, cost: HedgeCost, requirement_s: float) -> Report:
    """The report of a run."""
    return Report(
        _facts(rows, floor, cost, requirement_s),
        [Table("", _COLUMNS, [_cells(row) for row in rows])],
        records={"faults": rows},
    )


def _cells(row: Row) -> list[str]:
    outcome = row.outcome
    times_ms = ["none"] * 3  # where no request was answered
    if outcome.latencies_s:
        p50_s, p99_s = np.percentile(outcome.latencies_s, [50, 99])
        latest_s = max(outcome.overshoots_s)
        times_ms = [f"{p50_s * 1e3:.2f}", f"{p99_s * 1e3:.2f}", f"{latest_s * 1e3:+.2f}"]
    reasons = ", ".join(f"{name} {count}" for name, count in outcome.reasons.most_common())
    return [
        row.device,
        row.phase,
        row.fault,
        str(outcome.requests),
        f"{len(outcome.latencies_s) / outcome.requests:.0%}",
        str(outcome.wrong),
        str(outcome.by_edge),
        *times_ms,
        "never" if outcome.back_after_s is None else f"{outcome.back_after_s:.2f}",
        reasons or "nothing",
    ]


def _facts(rows: Sequence[Row], floor: Outcome, cost: HedgeCost, requirement_s: float) -> list[str]:
    """The promise in figures."""
    requests = sum(row.outcome.requests for row in rows)
    wrong = sum(row.outcome.wrong for row in rows)
    answered = sum(len(row.outcome.latencies_s) for row in rows)
    overshoots_s = [over for row in rows for over in row.outcome.overshoots_s]
    late = sum(over > 0 for over in overshoots_s)
    latest = f"the latest came {max(overshoots_s) * 1e3:+.2f} ms from it" if overshoots_s else "none came"
    back_s = max(math.inf if row.outcome.back_after_s is None else row.outcome.back_after_s for row in rows)
    p50_s, p99_s, worst_s = np.percentile(floor.overshoots_s, [50, 99, 100])
    counted = f"{requests:,} requests under {len(rows)} faults: {answered:,} answered, {wrong} wrong."
    in_time = (
        f"Latency requirement {requirement_s * 1e3:.0f} ms. {late} answers came after it; {latest}. "
        f"The device alone, beginning its exit at the latest safe start "
        f"without any edge, ends {p50_s * 1e3:+.2f} ms (p50), {p99_s * 1e3:+.2f} ms (p99), "
        f"{worst_s * 1e3:+.2f} ms (latest) from it in the same run."
    )
    back = f"Back on the edge at most {back_s:.2f} s after a fault's end."
    hedge = (
        f"Without a fault the hedge costs {cost.latency - 1:+.1%} ± {cost.latency_spread:.1%} in median "
        f"latency and {cost.cpu - 1:+.1%} in CPU time, and ran {cost.local_runs} local exits in "
        f"{cost.requests:,} requests."
    )
    return [counted, in_time, back, hedge]
