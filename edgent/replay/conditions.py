"""What a replay assumes of the network and its nodes."""

from dataclasses import dataclass
from functools import cached_property

from edgent.planning.cost_table import CostTable
from edgent.planning.fallback import LocalExit
from edgent.planning.stages import Step


@dataclass(frozen=True, eq=False)
class Conditions:
    """What is the same for all policies and traces.

    Attributes:
        table: every plan, with its times and bytes.
        latency_requirement_s: seconds from input to answer.
        round_trip_s: t0.
        throughput_weight: of the reward that policies strive for: 0 for accuracy alone, 1 in the paper's.
        hedged: whether a local exit stands by under every policy, as in the runtime.
    """

    table: CostTable
    latency_requirement_s: float
    round_trip_s: float
    throughput_weight: float = 0.0
    hedged: bool = False

    @cached_property
    def local_exits(self) -> tuple[LocalExit, ...]:
        """The device's own exits, shallow to deep; a replay's times have no spread."""
        return tuple(
            LocalExit(plan.exit, float(self.table.accuracy[k]), float(self.table.seconds[Step.RUN_DEVICE, k]))
            for k, plan in enumerate(self.table.plans)
            if not plan.remote
        )
