"""Algorithm 1 (paper, section IV-B): the deepest exit that answers in time, at its fastest partition point.

`paper_search` is the paper's loop; `exit_search` is the same idea over all candidates.
"""

import numpy as np

from edgent.errors import PlanError
from edgent.planning.cost_table import BoolArray, CostTable
from edgent.planning.costs import FloatArray
from edgent.planning.decision import Decision
from edgent.planning.link import Link


def exit_search(
    candidates: CostTable,
    link: Link,
    latency_requirement_s: float,
    *,
    ready: BoolArray | None = None,
) -> Decision:
    """The deepest exit whose fastest candidate meets the requirement; the most accurate of equally fast ones.

    A candidate counts as the exit given by `CostTable.depth`: a lossy codec that throws a deeper exit's
    accuracy away does not pass for that exit. When nothing meets the requirement, the fastest candidate is
    the answer, marked as not meeting it.

    Args:
        candidates: what there is to choose from.
        link: the measured link.
        latency_requirement_s: seconds from input to answer.
        ready: candidates that may be chosen, shape (n_candidates,); None: all.

    Raises:
        PlanError: the requirement is not a positive number, or no candidate is ready.
    """
    check_requirement(latency_requirement_s)
    latency = candidates.latency_s(link)
    if ready is not None:
        check_ready(candidates, ready)
        latency[~ready] = np.inf
    in_time = latency <= latency_requirement_s
    if in_time.any():
        depth = int(candidates.depth[in_time].max())
        allowed = in_time & (candidates.depth == depth)
        k = _fastest(candidates, np.where(allowed, latency, np.inf), allowed)
        reason = f"{candidates.exits[depth]} is the deepest exit that answers in time"
    else:
        k = _fastest(candidates, latency, ready)
        reason = "nothing answers in time: this is the fastest"
    return Decision(candidates.plans[k], float(latency[k]), bool(in_time[k]), k, reason)


def paper_search(
    candidates: CostTable,
    link: Link,
    latency_requirement_s: float,
    *,
    ready: BoolArray | None = None,
) -> Decision | None:
    """Algorithm 1 as printed: for exits M..1 the fastest partition point; the first in time is taken.

    Its loop ends one short of the whole path, so that edge-only is never considered, and its tensors travel
    as floats (`paper_space`). The one liberty: a device-only candidate (p = 1 in the
    paper's counting) is not charged for transfers that do not take place.

    Returns:
        The decision, or None (the paper's NULL) when no exit answers in time.

    Raises:
        PlanError: the requirement is not a positive number, or no candidate is ready.
    """
    check_requirement(latency_requirement_s)
    latency = candidates.latency_s(link)
    latency[~paper_space(candidates)] = np.inf
    if ready is not None:
        check_ready(candidates, ready)
        latency[~ready] = np.inf
    for number in reversed(range(len(candidates.exits))):
        of_exit = np.flatnonzero(candidates.exit_index == number)
        k = int(of_exit[latency[of_exit].argmin()])
        if latency[k] <= latency_requirement_s:
            reason = f"{candidates.exits[number]} is the first exit from the deepest that answers in time"
            return Decision(candidates.plans[k], float(latency[k]), True, k, reason)
    return None


def paper_space(candidates: CostTable) -> BoolArray:
    """The candidates that the paper considers: everything as floats, no edge-only. Shape (n_candidates,).

    A pipeline without the input codec ``float32`` sends ``raw`` pixels in its place.
    """
    return candidates.uncompressed & ~candidates.edge_only


def check_requirement(latency_requirement_s: float) -> None:
    """Refuse a latency requirement that is no positive number.

    Raises:
        PlanError: it is zero, negative or not finite.
    """
    if not 0 < latency_requirement_s < float("inf"):
        raise PlanError(
            f"latency requirement {latency_requirement_s:g} s: expected a positive number of seconds"
        )


def check_ready(candidates: CostTable, ready: BoolArray) -> None:
    """Refuse a mask that fits no candidates or leaves none.

    Raises:
        PlanError: wrong shape, or nothing ready.
    """
    if ready.shape != (len(candidates),):
        raise PlanError(
            f"ready has shape {ready.shape}; expected one value for each of {len(candidates)} candidates"
        )
    if not ready.any():
        raise PlanError("no candidate is ready: the device's own plans (p0) should always be")


def _fastest(candidates: CostTable, latency: FloatArray, allowed: BoolArray | None) -> int:
    """The allowed candidate of least latency; the most accurate, then the first, of equals."""
    equals = latency == latency.min()
    if allowed is not None:
        equals &= allowed
    tied = np.flatnonzero(equals)
    return int(tied[candidates.accuracy[tied].argmax()])
