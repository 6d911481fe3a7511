"""Traces replayed on the link: every policy from the beginning of the same trace."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from benchmarks.comparison.methods import METHODS
from benchmarks.rig.rig import UNSHAPED_BPS, Rig
from edgent.bandwidth.traces import BandwidthTrace
from edgent.planning.plan import Plan

_STATES = 10
GIVEN = ("device-only", "edge-only jpeg")
POLICIES = {"static plan": ("static", False), "paper's Edgent": ("paper", False), "ours": ("hedged", True)}
"""By name: the policy on the device, and whether a local exit stands by."""


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
    names = (*GIVEN, *POLICIES)
    steps: list[Step] = []
    for number, trace in enumerate(traces):
        samples = list(zip(trace.held_s, trace.bandwidth_bps * scale, strict=True))
        for place, name in enumerate(names):
            tell(f"{trace.name}, {name}", (number + place / len(names)) / len(traces))
            steps += _replay(rig, name, trace.name, samples, states_bps.tolist(), requirement_s, duration_s)
    rig.set_rate(UNSHAPED_BPS)
    return steps


def _replay(
    rig: Rig,
    name: str,
    trace: str,
    samples: Sequence[tuple[float, float]],
    states_bps: Sequence[float],
    requirement_s: float,
    duration_s: float,
) -> list[Step]:
    rig.set_rate(max(float(samples[0][1]), 50e3))
    policy, hedge = POLICIES.get(name, ("static", False))
    known = rig.open(
        name, policy, hedge=hedge, latency_requirement_s=requirement_s, states_bps=list(states_bps)
    )
    plan = METHODS[name].choose(known.candidates, known.link, requirement_s) if name in GIVEN else None
    steps: list[Step] = []
    with rig.testbed.follow(samples):
        began_s = time.monotonic()
        while (now_s := time.monotonic() - began_s) < duration_s:
            answer = rig.run(plan, len(steps)) if plan else rig.infer(name, requirement_s, len(steps))
            done = Plan.parse(answer["plan"])
            accuracy = float(known.candidates.accuracy[known.candidates.index_of(done)])
            steps.append(Step(trace, name, now_s, done, answer["latency_s"], requirement_s, accuracy))
    if not plan:
        rig.ask(do="settle", runtime=name)
    return steps
