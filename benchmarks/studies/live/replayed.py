"""A live run beside the replay of what its requests met.

The replay has one step for each request: its trace is what the link carried when each request began, behind
what it carried when the runtime was opened. It decides with the same policy on the same candidates, with the
round trip that the runtime measured, and the same local exits stand by. What it has and life has not: it sees
each bandwidth whatever was sent, and times are those of the profile to the microsecond.
"""

from collections.abc import Sequence

import numpy as np

from benchmarks.studies.live.answers import LiveAnswer
from benchmarks.studies.live.live_spec import Device
from edgent.bandwidth.traces import BandwidthTrace
from edgent.planning.cost_table import CostTable
from edgent.replay.conditions import Conditions
from edgent.replay.policies import make_policy
from edgent.replay.simulator import Replay, replay


def met_trace(trace: BandwidthTrace, answers: Sequence[LiveAnswer], pause_s: float) -> BandwidthTrace:
    """What the requests met, one sample for each, behind the one at which the link was measured."""
    bandwidth_bps = [float(trace.bandwidth_bps[0]), *(answer.link_bps for answer in answers)]
    start_s = np.arange(len(bandwidth_bps), dtype=np.float64) * pause_s
    return BandwidthTrace(trace.name, start_s, np.full(start_s.size, pause_s), np.array(bandwidth_bps))


def as_replay(
    name: str, answers: Sequence[LiveAnswer], candidates: CostTable, device: Device, pause_s: float
) -> Replay:
    """A live run in the replay's terms, so that the same figures can be made of both."""
    did = [candidates.index_of(answer.plan) for answer in answers]
    return Replay(
        trace=name,
        policy="live",
        duration_s=pause_s * len(answers),
        latency_requirement_s=device.latency_requirement_s,
        candidate=np.array([candidates.index_of(answer.wanted) for answer in answers]),
        latency_s=np.array([answer.latency_s for answer in answers]),
        accuracy=candidates.accuracy[did],
        fell_back=np.array([answer.plan != answer.wanted for answer in answers]),
    )


def replay_of(
    trace: BandwidthTrace, candidates: CostTable, device: Device, round_trip_s: float, policy: str = ""
) -> Replay:
    """The replay of a live run, or what another policy would have made of it.

    Args:
        trace: what its requests met.
        candidates: what it chose from.
        device: its device.
        round_trip_s: as it knew it.
        policy: another policy than the device's.
    """
    conditions = Conditions(
        candidates,
        device.latency_requirement_s,
        round_trip_s,
        throughput_weight=0.0,
        hedged=device.hedge,
    )
    return replay(trace, make_policy(policy or device.policy, conditions), conditions)
