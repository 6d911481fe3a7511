"""From answers to cells: a device, a link and a requirement, and what each method came to there."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from benchmarks.studies.workload.answered import Answered, Measured, Subject, accuracy_in_time, late_share
from benchmarks.studies.workload.conditions import Condition
from benchmarks.studies.workload.methods import AGAIN, OURS, SMALL

LEVEL = 0.005
"""Accuracies in time that differ by no more are level."""


@dataclass(frozen=True)
class Outcome:
    """What a method came to in a cell.

    Attributes:
        subject: The best of its plans there, or what answers for it; None where all are bound to be late.
        answers: Of it.
    """

    method: str
    subject: Subject | None
    answers: Sequence[Answered]
    requirement_s: float

    @property
    def accuracy_in_time(self) -> float:
        """Mean accuracy, where a late answer counts nothing."""
        return accuracy_in_time(self.answers, self.requirement_s)

    @property
    def late_share(self) -> float:
        """The share of late answers."""
        return late_share(self.answers, self.requirement_s)

    @property
    def usual_plan(self) -> str:
        """What was wanted most often; empty where nothing was asked."""
        return Counter(one.wanted for one in self.answers).most_common(1)[0][0] if self.answers else ""


@dataclass(frozen=True)
class Cell:
    """A requirement on a link.

    Attributes:
        outcomes: By method.
    """

    condition: Condition
    requirement_s: float
    outcomes: dict[str, Outcome]

    @property
    def is_possible(self) -> bool:
        """Whether anything that was measured answers in time, usually."""
        return any(outcome.late_share <= 0.5 for outcome in self.outcomes.values())

    @property
    def ours(self) -> Outcome:
        """What ours came to."""
        return self.outcomes[OURS]

    @property
    def best_other(self) -> Outcome:
        """The best of the others."""
        return max(others(self), key=lambda outcome: outcome.accuracy_in_time)

    @property
    def best_of_network(self) -> Outcome:
        """The best of the others that run the same network: without the small one."""
        same = [outcome for outcome in others(self) if outcome.method != SMALL]
        return max(same, key=lambda outcome: outcome.accuracy_in_time)


def cells_of(measured: Sequence[Measured]) -> list[Cell]:
    """The cells of all conditions; under which something was asked and not is told by `Cell.is_possible`."""
    return [
        Cell(
            one.condition,
            requirement_s,
            {
                method: _best(method, by_requirement[requirement_s], one, requirement_s)
                for method, by_requirement in one.candidates.items()
            },
        )
        for one in measured
        for requirement_s in one.candidates[OURS]
    ]


def _best(method: str, subjects: Sequence[Subject], measured: Measured, requirement_s: float) -> Outcome:
    """Of a method's plans the one with the highest accuracy in time, then the quickest."""
    outcomes = [Outcome(method, one, measured.answers[one], requirement_s) for one in subjects]
    return max(
        outcomes,
        key=lambda one: (one.accuracy_in_time, -mean(answer.latency_s for answer in one.answers)),
        default=Outcome(method, None, (), requirement_s),
    )


def others(cell: Cell) -> list[Outcome]:
    """What everything came to that is neither ours, nor ours without a part, nor the control."""
    return [
        outcome
        for method, outcome in cell.outcomes.items()
        if method != AGAIN and not (outcome.subject and outcome.subject.requirement_s)
    ]


def possible(cells: Sequence[Cell]) -> list[Cell]:
    """The cells in which something is in time."""
    return [cell for cell in cells if cell.is_possible]
