"""Everything that a run of the comparison measured."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.studies.comparison.answered import Answered
from benchmarks.studies.comparison.grid import Outcome
from benchmarks.studies.comparison.limit import LimitRow
from benchmarks.studies.comparison.load import LoadRow


@dataclass(frozen=True)
class Results:
    """A run.

    Attributes:
        paths: Number and layers of each exit.
    """

    outcomes: tuple[Outcome, ...]
    replayed: tuple[Answered, ...]
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
