"""A live run beside the replay of what its requests met.

The replay has a step for each request: its trace is what the link carried when each request began, behind
what it carried when the runtime was opened. It decides with the same policy on the same plans, with the
round trip that the runtime measured, and the same local exits stand by. What it has and life has not: it sees
each bandwidth whatever was sent, and times are those of the profile to the microsecond.
"""

from collections.abc import Sequence

import numpy as np

from benchmarks.studies.live.measure import LiveAnswer
from benchmarks.studies.live.spec import Device
from benchmarks.testbed.plan_costs import plan_costs
from edgent.bandwidth.traces import BandwidthTrace
from edgent.planning.cost_table import CostTable
from edgent.replay.conditions import Conditions
from edgent.replay.contenders import contender
from edgent.replay.simulator import Replay, replay


def met_trace(trace: BandwidthTrace, answers: Sequence[LiveAnswer], pause_s: float) -> BandwidthTrace:
    """What the requests met, a sample for each, behind that at which the link was measured."""
    bandwidth_bps = [float(trace.bandwidth_bps[0]), *(answer.link_bps for answer in answers)]
    start_s = np.arange(len(bandwidth_bps), dtype=np.float64) * pause_s
    return BandwidthTrace(trace.name, start_s, np.full(start_s.size, pause_s), np.array(bandwidth_bps))


def as_replay(
    name: str, answers: Sequence[LiveAnswer], costs: CostTable, device: Device, pause_s: float
) -> Replay:
    """A live run in the replay's terms, so that the same figures can be made of both."""
    replies = [answer.reply for answer in answers]
    return Replay(
        trace=name,
        policy="live",
        duration_s=pause_s * len(answers),
        latency_requirement_s=device.latency_requirement_s,
        candidate=np.array([costs.index_of(reply.wanted) for reply in replies]),
        latency_s=np.array([reply.latency_s for reply in replies]),
        accuracy=np.array([plan_costs(costs, reply.plan).accuracy for reply in replies]),
        fell_back=np.array([reply.plan != reply.wanted for reply in replies]),
    )


def replay_of(trace: BandwidthTrace, costs: CostTable, device: Device, round_trip_s: float) -> Replay:
    """The replay of a live run."""
    conditions = Conditions(
        costs, device.latency_requirement_s, round_trip_s, throughput_weight=0.0, hedged=device.hedge
    )
    return replay(trace, contender(device.policy, conditions), conditions)


def measured_round_trip_s(answers: Sequence[LiveAnswer], costs: CostTable) -> float | None:
    """The median of what exchanges took beyond their bytes' time on the link as it was; None without any.

    A server and a device that wait a quarter of a second between requests are slower than under probes in a
    row, by more than a fast link takes.
    """
    beyond_s = []
    for answer in answers:
        if answer.reply.network_s:
            row = plan_costs(costs, answer.reply.plan)
            bits = 8 * (row.sent_bytes + row.received_bytes)
            beyond_s.append(answer.reply.network_s - bits / answer.link_bps)
    return max(float(np.median(beyond_s)), 0.0) if beyond_s else None
