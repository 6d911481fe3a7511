"""What lines of a recording add up to: counts of everything, and the last answers one by one."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from edgent.reasons import in_words, without_numbers
from edgent.recording.lines import RecordedAnswer, RecordedFailure

if TYPE_CHECKING:
    from edgent.recording.description import Description
    from edgent.recording.lines import RecordedEdge, RecordedGap

MOST_ANSWERS = 10_000
_MOST_PHOTOS = 8
_MOST_REASONS = 200
_OTHERS = "other reasons"


class History:
    """Grows line by line, within bounds.

    Attributes:
        description: of the recording.
        answers: the last ones, oldest first.
        photos: the last answers that have a picture, oldest first.
        answered, late: inputs that were answered, and those after their requirement.
        failed: inputs that were not answered.
        labelled, right: answers whose label is known, and those that have it.
        plans: how many answers each plan gave.
        troubles: how many inputs each reason concerned; reasons that differ in a number are one.
        edges: what was believed of every edge at last.
        missing: lines that the recording lacks.
    """

    def __init__(self, description: Description, most_answers: int = MOST_ANSWERS) -> None:
        """Hold no line yet.

        Args:
            description: of the recording.
            most_answers: how many are kept one by one.
        """
        self.description = description
        self.answers: deque[RecordedAnswer] = deque(maxlen=most_answers)
        self.photos: deque[RecordedAnswer] = deque(maxlen=_MOST_PHOTOS)
        self.answered = self.late = self.failed = self.labelled = self.right = self.missing = 0
        self.plans: Counter[str] = Counter()
        self.troubles: Counter[str] = Counter()
        self.edges: tuple[RecordedEdge, ...] = ()

    def add(self, line: RecordedAnswer | RecordedFailure | RecordedGap) -> None:
        """Take in the next line."""
        if isinstance(line, RecordedAnswer):
            self._add_answer(line)
        elif isinstance(line, RecordedFailure):
            self.failed += 1
            self._add_trouble(f"not answered: {line.error}")
        else:
            self.missing += line.lines

    def since(self, answered: int) -> list[RecordedAnswer]:
        """The answers behind the first so many, as far as they are kept."""
        behind = min(self.answered - answered, len(self.answers))
        return list(self.answers)[len(self.answers) - behind :]

    def _add_answer(self, answer: RecordedAnswer) -> None:
        self.answers.append(answer)
        self.answered += 1
        self.late += answer.is_late
        self.labelled += answer.is_right is not None
        self.right += bool(answer.is_right)
        self.plans[answer.plan] += 1
        self.edges = answer.edges or self.edges
        if answer.photo is not None:
            self.photos.append(answer)
        if answer.fallback is not None:
            self._add_trouble(f"answered on the device: {in_words(answer.fallback)}")

    def _add_trouble(self, reason: str) -> None:
        reason = without_numbers(reason)
        known = reason in self.troubles or len(self.troubles) < _MOST_REASONS
        self.troubles[reason if known else _OTHERS] += 1
