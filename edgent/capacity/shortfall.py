"""In what edges fall short of what is asked of them."""

from enum import Enum

from edgent.capacity.figures import Figures


class Shortfall(str, Enum):
    """A condition that does not hold."""

    LATE = "late"
    """More requests are late than may be."""
    FOR_THE_EDGE = "late for the edge"
    """Load makes more late for the edge than may be, whoever answers them in its place."""
    ACCURACY = "accuracy"
    """Answers in time lack more accuracy than they may of what they have where nobody waits."""


def shortfalls(figures: Figures, idle: Figures, late_share: float, loss: float) -> tuple[Shortfall, ...]:
    """The conditions that do not hold; none where edges are enough.

    Args:
        figures: of these edges.
        idle: figures where nobody waits on an edge.
        late_share: of requests that may be late, and that load may make late for the edge.
        loss: of accuracy that load may cost.
    """
    is_broken = {
        Shortfall.LATE: figures.late_share > late_share,
        Shortfall.FOR_THE_EDGE: figures.missed_share > idle.missed_share + late_share,
        Shortfall.ACCURACY: (figures.accuracy or 0.0) < (idle.accuracy or 0.0) - loss,
    }
    return tuple(shortfall for shortfall, holds in is_broken.items() if holds)
