"""The table of faults and outcomes, for the terminal and for the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.studies.faults.hedge_cost import HedgeCost
    from benchmarks.studies.faults.trial import Outcome

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
    """One fault and its outcome."""

    device: str
    phase: str
    fault: str
    outcome: Outcome


def failures(rows: list[Row], floor: Outcome) -> list[str]:
    """What breaks the promise: lost, wrong or late answers, or a device that does not return to the edge."""
    latest_s = max(floor.overshoots_s) + TOLERANCE_S
    found = []
    for row in rows:
        outcome, where = row.outcome, f"{row.device}, {row.phase}, {row.fault}"
        if outcome.raised:
            found.append(f"{where}: {outcome.raised} requests without an answer")
        if outcome.wrong:
            found.append(f"{where}: {outcome.wrong} wrong answers")
        if max(outcome.overshoots_s) > latest_s:
            found.append(f"{where}: an answer came {max(outcome.overshoots_s) * 1e3:.1f} ms late")
        if outcome.back_after_s is None or outcome.back_after_s > LONGEST_RETURN_S:
            found.append(f"{where}: back on the edge after {outcome.back_after_s} s")
    return found


def table(rows: list[Row]) -> Table:
    """For the terminal."""
    shown = Table(title="Faults and outcomes", title_justify="left")
    for name in _COLUMNS:
        shown.add_column(
            name, justify="left" if name in ("device", "phase", "fault", _COLUMNS[-1]) else "right"
        )
    for row in rows:
        shown.add_row(*_cells(row))
    return shown


def _cells(row: Row) -> list[str]:
    outcome = row.outcome
    p50_s, p99_s = np.percentile(outcome.latencies_s, [50, 99])
    reasons = ", ".join(f"{name} {count}" for name, count in outcome.reasons.most_common())
    return [
        row.device,
        row.phase,
        row.fault,
        str(outcome.requests),
        f"{len(outcome.latencies_s) / outcome.requests:.0%}",
        str(outcome.wrong),
        str(outcome.by_edge),
        f"{p50_s * 1e3:.2f}",
        f"{p99_s * 1e3:.2f}",
        f"{max(outcome.overshoots_s) * 1e3:+.2f}",
        "never" if outcome.back_after_s is None else f"{outcome.back_after_s:.2f}",
        reasons or "nothing",
    ]


def summary(rows: list[Row], floor: Outcome, cost: HedgeCost, requirement_s: float) -> list[str]:
    """The promise in figures."""
    requests = sum(row.outcome.requests for row in rows)
    wrong = sum(row.outcome.wrong for row in rows)
    answered = sum(len(row.outcome.latencies_s) for row in rows)
    latest_s = max(max(row.outcome.overshoots_s) for row in rows)
    late = sum(over > 0 for row in rows for over in row.outcome.overshoots_s)
    back_s = max(np.inf if row.outcome.back_after_s is None else row.outcome.back_after_s for row in rows)
    p50_s, p99_s, worst_s = np.percentile(floor.overshoots_s, [50, 99, 100])
    counted = f"{requests:,} requests under {len(rows)} faults: {answered:,} answered, {wrong} wrong."
    in_time = (
        f"Latency requirement {requirement_s * 1e3:.0f} ms. {late} answers came after it; the latest came "
        f"{latest_s * 1e3:+.2f} ms from it. The device alone, beginning its exit at the latest safe start "
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


def document(rows: list[Row], lines: list[str], machine: Mapping[str, str]) -> str:
    """docs/faults.md."""
    header = "| " + " | ".join(_COLUMNS) + " |\n|" + "---|" * len(_COLUMNS)
    body = "\n".join("| " + " | ".join(_cells(row)) + " |" for row in rows)
    facts = "\n".join(f"- {line}" for line in lines)
    where = ", ".join(f"{name} {value}" for name, value in machine.items())
    return f"""# Faults

Written by `make bench-faults` ({where}).

A proxy with real sockets stands between the device and a real TorchServe and does one fault at a time to
every request; the faults of the edge are done to its processes, its token and its archive. Each answer's
label and logits are compared with those of the unsplit network at the exit which the answer reports.

{facts}

`fixed` is a device with a fixed plan, `planned` one that an optimizer plans for. `by edge` counts
answers by way of the edge while the fault lasts. `latest` is the latest answer relative to the latency
requirement: below 0 all were in time. `back` is the time from the fault's end (for the faults of the edge:
from the moment at which the edge answers another client again) to the first answer by way of the edge. The
last column counts the kinds of errors that the answers report beside their label.

{header}
{body}
"""
