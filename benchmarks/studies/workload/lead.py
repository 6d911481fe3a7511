"""By how much ours is ahead on all cells, and how sure that is."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import bootstrap

from benchmarks.studies.workload.cells import Cell

_SURE = 0.95
_SEED = 0


def lead(cells: Sequence[Cell], of_other: Callable[[Cell], float]) -> str:
    """Points by which ours is ahead on the mean of all cells, with an interval of confidence.

    Cells of a link are like each other, as they share a device, a link and photos. So links are drawn, with
    all of their cells (bootstrap by clusters, percentiles).

    Args:
        cells: Of all links.
        of_other: What is compared with, accuracy in time.
    """
    ahead: dict[object, list[float]] = {}
    for cell in cells:
        ahead.setdefault(cell.condition, []).append(100 * (cell.ours.accuracy_in_time - of_other(cell)))
    sums, counts = (np.array([what(those) for those in ahead.values()]) for what in (sum, len))
    said = f"{sums.sum() / counts.sum():+.1f} points"
    if len(ahead) == 1:  # no other could have been drawn
        return said
    drawn = bootstrap(
        (sums, counts),
        lambda sums, counts, axis: sums.sum(axis) / counts.sum(axis),
        paired=True,
        confidence_level=_SURE,
        method="percentile",
        random_state=np.random.default_rng(_SEED),
    ).confidence_interval
    return f"{said} ({_SURE:.0%}: {drawn.low:+.1f} to {drawn.high:+.1f})"
