"""The range of bandwidth in which a plan stays the chosen one, so that a static environment replans in time.

With download bandwidth in proportion to upload bandwidth B, every plan's latency is a line
fixed_s + bits·x in x = 1/B. The answer of `exit_search` changes only where the chosen plan leaves
the requirement, where a plan of a deeper exit comes within it, or where another plan of the exit gets
ahead of the chosen one; the nearest of these on either side are the range's ends.

Where plans leave early, whether a plan is in time is told by the line of the worst case, and which one is
ahead by the line of the mean. Then a plan that is quicker in the mean may be late, and gets ahead where it
comes within the requirement.
"""

from dataclasses import dataclass

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray, FloatArray
from edgent.planning.decision import Decision
from edgent.planning.link import Link


@dataclass(frozen=True)
class BandwidthRange:
    """Upload bandwidths between which a decision holds, in bit/s; download bandwidth in proportion."""

    low_bps: float
    high_bps: float

    def __contains__(self, bandwidth_bps: float) -> bool:
        return self.low_bps <= bandwidth_bps <= self.high_bps


def best_range(
    table: CostTable,
    link: Link,
    latency_requirement_s: float,
    decision: Decision,
    *,
    ready: BoolArray | None = None,
) -> BandwidthRange:
    """Where `exit_search` answers as it did on this link.

    Args:
        table: what the decision was chosen from.
        link: the link that it was made on.
        latency_requirement_s: the requirement that it was made for.
        decision: the answer of `exit_search` to the same arguments.
        ready: as given to `exit_search`.

    Returns:
        The range around the link's upload bandwidth. On a dead link it is 0 to 0: whatever gets through is
        reason to plan again.
    """
    if link.upload_bps == 0 or link.download_bps == 0:
        return BandwidthRange(0.0, 0.0)
    now_x, ratio, k = 1.0 / link.upload_bps, link.download_bps / link.upload_bps, decision.index
    in_time_until = _in_time_until(table, link.round_trip_s, ratio, latency_requirement_s)
    if decision.meets_requirement:
        lines, until = table.in_the_mean, in_time_until
        rivals, deeper = table.depth == table.depth[k], table.depth > table.depth[k]
        high_x = float(in_time_until[k])
    else:
        lines, until = table, np.full(len(table), np.inf)
        rivals = deeper = np.ones(len(table), dtype=np.bool_)
        high_x = np.inf
    if ready is not None:
        rivals, deeper = rivals & ready, deeper & ready
    begins, ends = _ahead(lines.fixed_s(link.round_trip_s), lines.bits(ratio), k, until)
    ahead = rivals & (begins < ends)
    on_slower_links = ahead & (begins > 0) & (ends > now_x)
    low_x = max(
        float(in_time_until[deeper].max(initial=0.0)), float(ends[ahead & ~on_slower_links].max(initial=0.0))
    )
    high_x = min(high_x, float(begins[on_slower_links].min(initial=np.inf)))
    # Rounding may put an end on the wrong side of the link itself.
    low_x, high_x = min(low_x, now_x), max(high_x, now_x)
    return BandwidthRange(low_bps=1.0 / high_x, high_bps=1.0 / low_x if low_x > 0 else np.inf)


def _in_time_until(table: CostTable, round_trip_s: float, ratio: float, requirement_s: float) -> FloatArray:
    """The x up to which each plan is in time. Shape (n_plans,).

    It is infinite for a plan that is on every link, and minus infinity for one that is on none.
    """
    spare_s, bits = requirement_s - table.fixed_s(round_trip_s), table.bits(ratio)
    until = np.where(spare_s >= 0, np.inf, -np.inf)
    np.divide(spare_s, bits, out=until, where=(bits > 0) & (spare_s >= 0))
    return until


def _ahead(fixed_s: FloatArray, bits: FloatArray, k: int, until: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Between which x each plan is quicker than plan k. Shape (n_plans,) each.

    Args:
        fixed_s: of each plan's line.
        bits: the slope of each plan's line.
        k: the plan.
        until: the x up to which each plan counts.

    Returns:
        Where each begins to be quicker, and where it ends; none is where it does not begin before it ends.
    """
    slope, lead_s = bits - bits[k], fixed_s[k] - fixed_s
    crossing = np.where(lead_s > 0, np.inf, 0.0)  # of parallel lines one is ahead everywhere, or nowhere
    np.divide(lead_s, slope, out=crossing, where=slope != 0)
    begins = np.where(slope < 0, np.maximum(crossing, 0.0), 0.0)
    ends = np.where(slope < 0, until, np.minimum(crossing, until))
    return begins, ends
