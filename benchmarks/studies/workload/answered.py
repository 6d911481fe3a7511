"""One answered photo, and what is kept of everything that was asked under one condition."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean, median

from benchmarks.studies.workload.conditions import Condition
from edgent.whole_file import whole_file


@dataclass(frozen=True)
class Answered:
    """One answered photo.

    Attributes:
        wanted: What was to be done: a plan, or the name of what is no plan of edgent's.
        plan: What answered: a local exit where the edge was late or an input left early.
        accuracy: Of what was to be done where that was done, else of what answered, on held-out photos.
        right: Whether the answer is the photo's label.
        device_s: Seconds that the device was busy with it.
    """

    wanted: str
    plan: str
    latency_s: float
    accuracy: float
    right: bool
    sent_bytes: int
    received_bytes: int
    device_s: float


@dataclass(frozen=True)
class Subject:
    """What is asked on a link by itself.

    Attributes:
        name: A plan, or the name of a runtime that plans by itself, or of what is not edgent's.
        requirement_s: What a runtime plans for; None where nothing depends on it.
    """

    name: str
    requirement_s: float | None = None


@dataclass(frozen=True)
class Measured:
    """What was measured under one condition.

    Attributes:
        answers: Of every subject.
        candidates: By method and requirement in seconds: of which subjects the best one counts.
        speed_s: What a fixed computation took on this machine then, the median from beginning to end.
        made_with: edgent's version, and what stood for the link; empty where it was not noted.
        digests: By name: what else it was made with, as `benchmarks.studies.workload.digests` has it.
    """

    condition: Condition
    answers: Mapping[Subject, Sequence[Answered]]
    candidates: Mapping[str, Mapping[float, Sequence[Subject]]]
    speed_s: float
    made_with: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)

    def write(self, file: Path) -> None:
        """Keep it, whole or not at all."""
        numbers = {subject: number for number, subject in enumerate(self.answers)}
        content = {
            "condition": asdict(self.condition),
            "subjects": [asdict(subject) for subject in self.answers],
            "answers": [[asdict(answer) for answer in answers] for answers in self.answers.values()],
            "candidates": {
                method: [[requirement_s, [numbers[one] for one in those if one in numbers]]
                         for requirement_s, those in by_requirement.items()]
                for method, by_requirement in self.candidates.items()
            },
            "speed_s": self.speed_s,
            "made_with": self.made_with,
            "digests": dict(self.digests),
        }  # fmt: skip
        with whole_file(file) as unfinished:
            unfinished.write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> "Measured":
        """What `write` kept."""
        content = json.loads(file.read_text(encoding="utf-8"))
        subjects = [Subject(**each) for each in content["subjects"]]
        return cls(
            Condition(**content["condition"]),
            {
                subject: [Answered(**each) for each in answers]
                for subject, answers in zip(subjects, content["answers"], strict=True)
            },
            {
                method: {requirement_s: [subjects[k] for k in those] for requirement_s, those in rows}
                for method, rows in content["candidates"].items()
            },
            content["speed_s"],
            content.get("made_with", ""),
            content.get("digests", {}),
        )


def accuracy_in_time(answers: Sequence[Answered], requirement_s: float) -> float:
    """Mean accuracy, where a late answer counts nothing; 0 where nothing was asked."""
    return mean(one.accuracy * (one.latency_s <= requirement_s) for one in answers) if answers else 0.0


def late_share(answers: Sequence[Answered], requirement_s: float) -> float:
    """The share of late answers; 1 where nothing was asked, because it was bound to be late."""
    return mean(one.latency_s > requirement_s for one in answers) if answers else 1.0


def median_s(answers: Sequence[Answered]) -> float:
    """The latency that half of the answers kept to."""
    return median(one.latency_s for one in answers)
