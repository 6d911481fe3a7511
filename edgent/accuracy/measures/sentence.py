"""What accuracies are measured by, in a sentence."""

from edgent.accuracy.measures.registry import MEASURES
from edgent.errors import UnknownNameError
from edgent.planning.costs import ACCURACY


def measure_lines(measure: str) -> list[str]:
    """A sentence on a measure, and none where accuracy is accuracy."""
    if measure == ACCURACY:
        return []
    try:
        summary = f" ({MEASURES[measure].summary})"
    except UnknownNameError:  # of a package that is not installed here
        summary = ""
    return [f"accuracy is measured by {measure}{summary}"]
