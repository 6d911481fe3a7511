"""What plans in time are chosen for: the deepest exit, or the least of some cost."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray, FloatArray, IntArray
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.situation import ready_latency_s
from edgent.planning.stages import Place
from edgent.planning.worth import Worth

ObjectiveName = Literal["accuracy", "latency", "edge_seconds", "bytes", "device_seconds"]
_LEAST = {
    "latency": "takes the least time",
    "edge_seconds": "takes the least of the edge's time",
    "bytes": "sends the fewest bytes",
    "device_seconds": "takes the least of the device's time",
}


@dataclass(frozen=True)
class Objective:
    """What plans in time are chosen for.

    Attributes:
        name: ``accuracy``: the deepest exit, as Algorithm 1 has it; else what there should be little of.
        prefer: of equally good plans, the one that leaves the other node the least to do; None: the most
            accurate, then the quickest.
        least_accuracy: plans of less are taken only where no other one is in time, and then the most accurate
            of them, 0 to 1.
    """

    name: ObjectiveName = "accuracy"
    prefer: Place | None = None
    least_accuracy: float = 0.0

    @property
    def is_usual(self) -> bool:
        """Whether `exit_search` alone decides."""
        return self.name == "accuracy" and self.prefer is None

    @property
    def counted(self) -> tuple[Place, ...]:
        """The nodes whose seconds count by themselves."""
        places: list[Place] = []
        if self.name == "edge_seconds" or self.prefer == "device":
            places.append("edge")
        if self.name == "device_seconds" or self.prefer == "edge":
            places.append("device")
        return tuple(places)

    def search(
        self,
        table: CostTable,
        link: Link,
        latency_requirement_s: float,
        *,
        ready: BoolArray | None = None,
    ) -> Decision:
        """The best plan in time; where none is, the fastest, marked as not meeting the requirement.

        Args:
            table: what there is to choose from.
            link: the measured link.
            latency_requirement_s: seconds from input to answer.
            ready: plans that may be chosen, shape (n_plans,); None: all.

        Raises:
            PlanError: the requirement is not a positive number, or no plan is ready.
        """
        if self.is_usual:
            return exit_search(table, link, latency_requirement_s, ready=ready)
        latency = ready_latency_s(table, link, latency_requirement_s, ready)
        in_time = np.flatnonzero(latency <= latency_requirement_s)
        if not in_time.size:
            return exit_search(table, link, latency_requirement_s, ready=ready)
        k = self.best(table, in_time, table.in_the_mean.latency_s(link))
        reason = f"{self.reason(table, k)} of all that are in time"
        return Decision(table.plans[k], float(latency[k]), True, k, reason)

    def best(self, table: CostTable, among: IntArray, latency_s: FloatArray) -> int:
        """The best of some plans, in time or not, by what they take in the mean."""
        return int(among[np.lexsort([key[among] for key in self.keys(table, latency_s)])[0]])

    def worth(self, table: CostTable, k: int, latency_s: FloatArray) -> Worth:
        """What plan k, which is in time, is worth beside plans for other edges.

        Args:
            table: the plans.
            k: one that is in time.
            latency_s: what they take in the mean. Shape (n_plans,).
        """
        if self.is_usual:
            return Worth((1.0 + float(table.depth[k]),), float(latency_s[k]))
        return Worth(
            (1.0, *(-float(key[k]) for key in self.keys(table, latency_s)[::-1])), float(latency_s[k])
        )

    def keys(self, table: CostTable, latency_s: FloatArray) -> list[FloatArray]:
        """What plans are sorted by, the last first. Shape (n_plans,) each.

        Args:
            table: the plans.
            latency_s: what they take in the mean. Shape (n_plans,).
        """
        keys, mean = [latency_s, -table.accuracy], table.in_the_mean
        if self.prefer is not None:
            keys.append(mean.edge_compute_s if self.prefer == "device" else mean.device_compute_s)
        if self.name == "accuracy":
            keys.append(-table.depth.astype(np.float64))
        elif self.name == "edge_seconds":
            keys.append(mean.edge_compute_s)
        elif self.name == "device_seconds":
            keys.append(mean.device_compute_s)
        else:
            keys.append(mean.upload_bytes + mean.download_bytes if self.name == "bytes" else latency_s)
        if self.least_accuracy:
            keys.append(np.maximum(self.least_accuracy - table.accuracy, 0.0))
        return keys

    def reason(self, table: CostTable, k: int) -> str:
        """Why plan k is chosen, in a clause."""
        if table.accuracy[k] < self.least_accuracy:
            return f"comes nearest to the least {table.measure} of {self.least_accuracy:g}"
        if self.name == "accuracy":
            other = "edge" if self.prefer == "device" else "device"
            return f"is of the deepest exit, and leaves the {other} the least to do,"
        enough = f", with {table.measure} of {self.least_accuracy:g} at least," if self.least_accuracy else ""
        mean = " in the mean" if table.mean is not None else ""
        return f"{_LEAST[self.name]}{mean}{enough}"


USUAL_OBJECTIVE = Objective()
"""The deepest exit in time, at its fastest plan."""
