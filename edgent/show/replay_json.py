"""What replays come to as plain values in SI units, for ``edgent replay --json``."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from edgent.replay.conditions import Conditions
from edgent.replay.coverage import DECILES, Coverage
from edgent.replay.differences import Difference
from edgent.replay.figures import Figures, figures_by_policy
from edgent.replay.simulator import Replay


def replay_json(
    replays: Sequence[tuple[Replay, ...]],
    conditions: Conditions,
    coverages: Mapping[str, Coverage],
    differences: Sequence[Difference] = (),
) -> dict[str, Any]:
    """The figures of every policy, how often predictions came true, and how far policies differ.

    Args:
        replays: for each trace the replays of all policies.
        conditions: the same for all.
        coverages: by whose plans they are; none where nobody asked for them.
        differences: from one policy; none where nobody asked for them.
    """
    return {
        "traces": len(replays),
        "latency_requirement_s": conditions.latency_requirement_s,
        "round_trip_s": conditions.round_trip_s,
        "hedged": conditions.hedged,
        "measure": conditions.table.measure,
        "policies": [_policy(figures) for figures in figures_by_policy(replays)],
        "differences": [asdict(difference) for difference in differences],
        "coverage": {name: _coverage(coverage) for name, coverage in coverages.items()},
    }


def _policy(figures: Figures) -> dict[str, Any]:
    values = asdict(figures)
    values["throughput_hz"] = values.pop("throughput")
    return values


def _coverage(coverage: Coverage) -> list[dict[str, Any]]:
    """A row for each tenth of P(late) in which there are predictions."""
    return [
        {
            "late_probability": [decile / DECILES, (decile + 1) / DECILES],
            "predictions": int(coverage.count[decile]),
            "predicted_share": float(coverage.predicted_share[decile]),
            "late_share": float(coverage.late_share[decile]),
        }
        for decile in coverage.count.nonzero()[0].tolist()
    ]
