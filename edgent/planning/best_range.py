"""The range of bandwidth in which a plan stays the chosen one, so that a static environment replans in time.

With download bandwidth in proportion to upload bandwidth B, every plan's latency is a line
fixed_s + bits·x in x = 1/B. The answer of `exit_search` changes only where the chosen line leaves
the requirement, where a line of a deeper exit comes within it, or where another line of the exit crosses the
chosen one; the nearest of these on either side are the range's ends.
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
    fixed_s = table.fixed_s(link.round_trip_s)
    bits = table.bits(link.download_bps / link.upload_bps)
    # The slowness x up to which each line is in time: infinite for a device-only plan that is.
    with np.errstate(divide="ignore", invalid="ignore"):
        slowest = np.where(bits > 0, (latency_requirement_s - fixed_s) / bits, np.inf)
    slowest[fixed_s > latency_requirement_s] = -np.inf
    k = decision.index
    if decision.meets_requirement and table.mean is not None:  # of those in time, the fastest in the mean
        fixed_s = table.mean.fixed_s(link.round_trip_s)
        bits = table.mean.bits(link.download_bps / link.upload_bps)
    if decision.meets_requirement:
        rivals = table.depth == table.depth[k]
        earlier = table.depth > table.depth[k]
        high_x = float(slowest[k])
    else:
        rivals = earlier = np.ones(len(table), dtype=np.bool_)
        high_x = np.inf
    if ready is not None:
        rivals, earlier = rivals & ready, earlier & ready
    low_x = max(0.0, float(slowest[earlier].max(initial=0.0)))
    steeper, flatter = rivals & (bits > bits[k]), rivals & (bits < bits[k])
    low_x = max(low_x, float(_crossings(fixed_s, bits, k, steeper).max(initial=0.0)))
    high_x = min(high_x, float(_crossings(fixed_s, bits, k, flatter).min(initial=np.inf)))
    return BandwidthRange(
        low_bps=1.0 / high_x if high_x > 0 else np.inf, high_bps=1.0 / low_x if low_x > 0 else np.inf
    )


def _crossings(fixed_s: FloatArray, bits: FloatArray, k: int, others: BoolArray) -> FloatArray:
    """Where line k meets each of the others, as x = 1/B."""
    crossings: FloatArray = (fixed_s[others] - fixed_s[k]) / (bits[k] - bits[others])
    return crossings
