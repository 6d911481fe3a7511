"""Replays as a CSV file to go on with."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from edgent.replay.figures import Figures, figures_by_policy
from edgent.replay.simulator import Replay


def write_csv(path: Path, replays: Sequence[tuple[Replay, ...]]) -> None:
    """One line for each trace and policy.

    Args:
        path: where to write.
        replays: for each trace the replays of all policies.

    Raises:
        OSError: it cannot be written.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["trace", *(field.name for field in fields(Figures))])
        writer.writeheader()
        for of_trace in replays:
            for figures in figures_by_policy([of_trace]):
                writer.writerow({"trace": of_trace[0].trace, **asdict(figures)})
