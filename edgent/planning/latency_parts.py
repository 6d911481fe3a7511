"""Where the time of one plan goes."""

from collections.abc import Mapping
from dataclasses import dataclass

from edgent.planning.stages import Step


@dataclass(frozen=True)
class LatencyParts:
    """Where the time of one plan goes, in seconds.

    Attributes:
        round_trip_s: of a request with nothing in it; 0 where the link is not used.
        seconds: of each step, 0 where the plan has none.
    """

    round_trip_s: float
    seconds: Mapping[Step, float]

    @property
    def by_part(self) -> dict[str, float]:
        """What people are told of it: the round trip, and the steps of each part together."""
        parts = {"round trip": self.round_trip_s}
        for step, seconds in self.seconds.items():
            parts[step.part] = parts.get(step.part, 0.0) + seconds
        return parts

    @property
    def total_s(self) -> float:
        """Seconds from input to answer."""
        return self.round_trip_s + sum(self.seconds.values())


def transfer_s(size_bytes: float, bandwidth_bps: float) -> float:
    """Seconds in which bytes cross a link; infinite where nothing gets through."""
    if size_bytes == 0:
        return 0.0
    return 8.0 * size_bytes / bandwidth_bps if bandwidth_bps > 0 else float("inf")
