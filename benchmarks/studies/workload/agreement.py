"""Whether a run agrees with an earlier one: the same plans on the same links, another day."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import numpy as np

from benchmarks.studies.workload.answered import Measured, Subject, accuracy_in_time, median_s
from benchmarks.studies.workload.methods import OURS
from edgent.counted import counted

LEVELS = "workload-levels"
"""Name of the file of levels, without its ending."""
Asked = tuple[str, Subject]
"""A device on a link, in words, and what was asked there."""


@dataclass(frozen=True)
class Level:
    """What one subject came to on one link; a row of a file that outlives the run.

    Attributes:
        condition: The device and the link, in words.
        subject: A plan, or the name of what is no plan.
        requirement_s: What a runtime planned for; None where nothing depends on it.
        median_s: Of its answers.
        accuracy_in_time: Within the requirement; None where there is none.
    """

    condition: str
    subject: str
    requirement_s: float | None
    median_s: float
    accuracy_in_time: float | None

    @property
    def asked(self) -> Asked:
        """By which levels of two runs belong together."""
        return self.condition, Subject(self.subject, self.requirement_s)


def levels(measured: Sequence[Measured]) -> Iterator[Level]:
    """Of everything that was measured."""
    for one in measured:
        for subject, answers in one.answers.items():
            within_s = subject.requirement_s
            in_time = None if within_s is None else accuracy_in_time(answers, within_s)
            yield Level(str(one.condition), subject.name, within_s, median_s(answers), in_time)


def read_levels(file: Path) -> list[Level]:
    """The levels of an earlier run; none where there is no such file."""
    if not file.exists():
        return []
    with file.open(newline="", encoding="utf-8") as stream:
        return [
            Level(
                row["condition"],
                row["subject"],
                _number(row["requirement_s"]),
                float(row["median_s"]),
                _number(row["accuracy_in_time"]),
            )
            for row in csv.DictReader(stream)
        ]


def agreement(measured: Sequence[Measured], earlier: Sequence[Level]) -> list[str]:
    """How far two runs agree, in a sentence; nothing where they have nothing in common.

    Links that were kept from the earlier run are the same measurements, and say nothing of that.
    """
    before: Mapping[Asked, Level] = {level.asked: level for level in earlier}
    found = [(before[now.asked], now) for now in levels(measured) if now.asked in before]
    anew = {now.condition for then, now in found if now.median_s != then.median_s}
    pairs = [(then, now) for then, now in found if now.condition in anew]
    ratios = [now.median_s / then.median_s for then, now in pairs if now.requirement_s is None]
    ours = [
        now.accuracy_in_time - then.accuracy_in_time
        for then, now in pairs
        if now.subject == OURS and now.accuracy_in_time is not None and then.accuracy_in_time is not None
    ]
    if not ratios or not ours:
        return []
    least, most = np.quantile(ratios, (0.05, 0.95))
    level = mean(abs(points) <= 0.01 for points in ours)
    plans = (
        f"Beside the run that the documentation shows, on {counted(len(anew), 'link')} measured anew, "
        f"{len(ratios):,} times the same plan: it takes {median(ratios):.2f} times as long in the median, "
        f"{least:.2f} to {most:.2f} in nine of ten."
    )
    cells = (
        f"In {len(ours)} cells the accuracy in time of {OURS} moved by {100 * mean(ours):+.1f} points in the "
        f"mean, and by no more than one point in {level:.0%}."
    )
    return [f"{plans} {cells}"]


def _number(text: str) -> float | None:
    return float(text) if text else None
