"""The plans that none beats on a link in latency, accuracy, bytes and either node's seconds at once."""

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import IntArray
from edgent.planning.link import Link
from edgent.planning.pruning import undominated


def pareto_front(table: CostTable, link: Link) -> IntArray:
    """Their columns in the table, the quickest first.

    Where plans leave early, latency counts at worst and in the mean, the others in the mean.
    """
    latency, mean = table.latency_s(link), table.in_the_mean
    kinds = np.stack(
        [
            latency,
            *([] if table.mean is None else [mean.latency_s(link)]),
            -table.accuracy,
            mean.upload_bytes + mean.download_bytes,
            mean.edge_compute_s,
            mean.device_compute_s,
        ],
        axis=1,
    )
    reached = np.flatnonzero(np.isfinite(latency))
    front = reached[undominated(kinds[reached])]
    quickest_first: IntArray = front[np.argsort(latency[front], kind="stable")]
    return quickest_first
