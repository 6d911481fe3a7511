"""What became of requests: each has one fate, and one on the edge."""

from dataclasses import dataclass
from enum import IntEnum

from edgent.planning.costs import BoolArray, FloatArray, IntArray


class Fate(IntEnum):
    """Who answered a request."""

    DEVICE = 0
    """The device alone, as planned, in time."""
    EDGE = 1
    """Device and edge, in time."""
    STOOD_BY = 2
    """A local exit, in time, as the edge was late or said no."""
    LATE = 3
    """Nobody in time."""
    SKIPPED = 4
    """Not asked: its device was still at the one before, and does one at a time."""


class EdgeFate(IntEnum):
    """What the edge did with a request."""

    NOT_ASKED = 0
    """It was planned without it."""
    NOT_REACHED = 1
    """The link took too long."""
    REFUSED = 2
    """The queue was full."""
    EXPIRED = 3
    """Its turn came too late, and it was not computed."""
    COMPUTED = 4
    """It was computed, in vain or not."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """The requests that count. Arrays of shape (n,).

    Attributes:
        plan: column of the chosen plan in the cost table.
        fate: a `Fate`.
        on_edge: an `EdgeFate`.
        latency_s: from input to answer; infinite where it comes too late.
        accuracy: of the exit that answered.
        wait_s: in the edge's queue; not a number where it was not told.
        busy_s: seconds that a worker was busy with it.
        capacity_s: seconds that all simulated workers had; infinite where nobody waits.
    """

    plan: IntArray
    fate: IntArray
    on_edge: IntArray
    latency_s: FloatArray
    accuracy: FloatArray
    wait_s: FloatArray
    busy_s: FloatArray
    capacity_s: float

    @property
    def in_time(self) -> BoolArray:
        """Whether it was answered in time."""
        in_time: BoolArray = self.fate < Fate.LATE
        return in_time

    @property
    def in_vain(self) -> BoolArray:
        """Whether it was computed for nobody."""
        in_vain: BoolArray = (self.on_edge == EdgeFate.COMPUTED) & (self.fate != Fate.EDGE)
        return in_vain
