"""Traces replayed on the link: every policy from the beginning of the same trace."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from benchmarks.studies.comparison.methods import METHODS
from benchmarks.testbed.rig import UNSHAPED_BPS, KnownLink, Rig
from edgent.bandwidth.traces import BandwidthTrace
from edgent.planning.cost_table import CostTable
from edgent.planning.plan import Plan

_STATES = 10
POLICIES = {
    "static plan": ("static", False),
    "device-only": None,
    "edge-only jpeg": None,
    "paper's Edgent": ("paper", False),
    "ours": ("hedged", True),
}
"""In the order in which they are tried: the policy on the device, and whether a local exit stands by; None
for the plan of a method that heeds no link."""


@dataclass(frozen=True)
class Step:
    """One answer while a trace was replayed.

    Attributes:
        trace, policy: which.
        began_s: since the replay began.
        plan: what answered.
        latency_s: seconds from input to answer.
        latency_requirement_s: what was asked for.
        accuracy: of the plan that answered.
    """

    trace: str
    policy: str
    began_s: float
    plan: Plan
    latency_s: float
    latency_requirement_s: float
    accuracy: float

    @property
    def in_time(self) -> bool:
        """Whether the requirement was met."""
        return self.latency_s <= self.latency_requirement_s

    @property
    def throughput(self) -> float:
        """Answers a second at this latency."""
        return 1 / self.latency_s

    @property
    def reward(self) -> float:
        """The paper's: exp(accuracy) + throughput in time, else 0."""
        return exp(self.accuracy) + self.throughput if self.in_time else 0.0


def run_traces(
    rig: Rig,
    traces: Sequence[BandwidthTrace],
    scale: float,
    requirement_s: float,
    duration_s: float,
    tell: Callable[[str, float], None],
) -> list[Step]:
    """Replay every trace once for each policy.

    Args:
        rig: everything loaded, the device slow.
        traces: recorded links; there may be none.
        scale: of their bandwidth.
        requirement_s: of every request.
        duration_s: of each replay.
        tell: is told the policy, and the share done.
    """
    if not traces:
        return []
    levels_bps = np.concatenate([trace.bandwidth_bps for trace in traces]) * scale
    # The paper's states: as good equally spaced in ratio as by any clustering.
    low_bps, high_bps = (float(bps) for bps in np.percentile(levels_bps[levels_bps > 0], (1, 99)))
    states_bps = np.geomspace(low_bps, high_bps, _STATES)
    steps: list[Step] = []
    for number, trace in enumerate(traces):
        samples = list(zip(trace.held_s, trace.bandwidth_bps * scale, strict=True))
        known: KnownLink | None = None
        for place, (name, follows) in enumerate(POLICIES.items()):
            tell(f"{trace.name}, {name}", (number + place / len(POLICIES)) / len(traces))
            rig.set_rate(max(float(samples[0][1]), 50e3))
            if follows:
                policy, hedge = follows
                conditions = {"latency_requirement_s": requirement_s, "states_bps": states_bps.tolist()}
                known = rig.open(name, policy, hedge=hedge, **conditions)
            assert known is not None, "the first policy follows the link"
            given = None if follows else METHODS[name].choose(known.candidates, known.link, requirement_s)
            with rig.testbed.follow(samples):
                steps += _answer(rig, name, given, known.candidates, trace.name, requirement_s, duration_s)
            if follows:
                rig.ask(do="settle", runtime=name)
    rig.set_rate(UNSHAPED_BPS)
    return steps


def _answer(
    rig: Rig,
    name: str,
    given: Plan | None,
    candidates: CostTable,
    trace: str,
    requirement_s: float,
    duration_s: float,
) -> list[Step]:
    """One input after the other, by the plan that is given or by the runtime of this name."""
    steps: list[Step] = []
    began_s = time.monotonic()
    while (now_s := time.monotonic() - began_s) < duration_s:
        answer = rig.run(given, len(steps)) if given else rig.infer(name, requirement_s, len(steps))
        done = Plan.parse(answer["plan"])
        accuracy = float(candidates.accuracy[candidates.index_of(done)])
        steps.append(Step(trace, name, now_s, done, answer["latency_s"], requirement_s, accuracy))
    return steps
