"""Who asks, how often, over which links, and what devices and edges do."""

from dataclasses import dataclass

from edgent.bandwidth.traces import BandwidthTrace
from edgent.counted import counted
from edgent.edge.limits import LONGEST_QUEUE
from edgent.errors import PlanError
from edgent.planning.policies.policy import Policy
from edgent.replay.conditions import Conditions

MOST_DEVICES = 10_000_000
"""On one edge they take some hundred megabytes."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """What is the same however many edges there are.

    Attributes:
        conditions: the network's plans with their times, the latency requirement and the round trip; its
            `hedged` says whether a local exit stands by for an edge that is late.
        policy: decides for every device.
        traces: the devices' links, dealt out among them; each device starts at another point of its trace.
        devices: how many there are.
        rate_hz: requests of each device a second, at random and independent of each other.
        is_eager: whether devices run local exits while they await the edge.
        known_edges: how many edges each device knows, of which it asks the one that is likely the least busy.
        one_at_a_time: whether a device does not ask while it is at another request; else each is for itself.
        keeps_deadline: whether an edge leaves uncomputed what would come too late.
        longest_queue: requests that may wait on one edge; it refuses any further one.
        seed: of the moments at which devices ask.

    Raises:
        PlanError: no devices or too many, no requests, or no links.
    """

    conditions: Conditions
    policy: Policy
    traces: tuple[BandwidthTrace, ...]
    devices: int
    rate_hz: float
    is_eager: bool = False
    known_edges: int = 1
    one_at_a_time: bool = False
    keeps_deadline: bool = True
    longest_queue: int = LONGEST_QUEUE
    seed: int = 0

    def __post_init__(self) -> None:
        if self.devices < 1:
            raise PlanError(f"{self.devices} devices: there is nothing to plan for; give 1 or more")
        if self.devices > MOST_DEVICES:
            raise PlanError(
                f"{self.devices:,} devices: at most {MOST_DEVICES:,} are simulated; ask for a part of them, "
                "with that part of the edges"
            )
        if not 0 < self.rate_hz < float("inf"):
            raise PlanError(f"{self.rate_hz:g} requests a second: give a rate above 0")
        if not self.traces:
            raise PlanError("no traces: devices have no links; give a folder that has some")


@dataclass(frozen=True)
class Edges:
    """Edges that are all alike.

    Attributes:
        count: how many there are; with 0 the devices are alone.
        workers: of each, which share one queue; None: as many as it takes for nobody to wait.
    """

    count: int
    workers: int | None

    def __str__(self) -> str:
        """In words."""
        if self.count == 0:
            return "no edges"
        if self.workers is None:
            return "edges on which nobody waits"
        return f"{counted(self.count, 'edge')} of {counted(self.workers, 'worker')}"


IDLE = Edges(1, None)
"""An edge on which nobody waits: how good answers are when load costs nothing."""
ALONE = Edges(0, 0)
"""No edge."""
