"""The plans that none beats on a link in latency, accuracy, bytes and either node's seconds at once."""

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import IntArray
from edgent.planning.link import Link
from edgent.planning.pruning import undominated


def pareto_front(table: CostTable, link: Link) -> IntArray:
    """Their columns in the table, the quickest first."""
    latency = table.latency_s(link)
    kinds = np.stack(
        [
            latency,
            -table.accuracy,
            table.upload_bytes + table.download_bytes,
            table.edge_compute_s,
            table.device_compute_s,
        ],
        axis=1,
    )
    reached = np.flatnonzero(np.isfinite(latency))
    front = reached[undominated(kinds[reached])]
    quickest_first: IntArray = front[np.argsort(latency[front], kind="stable")]
    return quickest_first
