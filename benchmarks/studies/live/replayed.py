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
from edgent.replay.coverage import Coverage, coverage
from edgent.replay.simulator import Replay, replay


def met_trace(trace: BandwidthTrace, answers: Sequence[LiveAnswer], pause_s: float) -> BandwidthTrace:
    """What the requests met, a sample for each, behind that at which the link was measured."""
    up_bps = np.array([float(trace.bandwidth_bps[0]), *(answer.link_bps for answer in answers)])
    down_bps = None
    if trace.download_bps is not None:
        down_bps = np.array([float(trace.download_bps[0]), *(answer.down_bps for answer in answers)])
    start_s = np.arange(up_bps.size, dtype=np.float64) * pause_s
    return BandwidthTrace(trace.name, start_s, np.full(start_s.size, pause_s), up_bps, down_bps)


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
    conditions = _conditions(costs, device, round_trip_s)
    return replay(trace, contender(device.policy, conditions), conditions)


def replayed_coverage(
    trace: BandwidthTrace, costs: CostTable, device: Device, round_trip_s: float
) -> tuple[Replay, Coverage]:
    """The replay of a live run, and the coverage of the plans that it chose and that need the edge."""
    conditions = _conditions(costs, device, round_trip_s)
    contends = contender(device.policy, conditions)
    replayed = replay(trace, contends, conditions)
    _, of_chosen = coverage(trace, contends.new_forecast, conditions, [replayed.candidate])
    return replayed, of_chosen


def live_coverage(answers: Sequence[LiveAnswer], latency_requirement_s: float) -> Coverage:
    """The coverage of the plans that were chosen and that need the edge."""
    asked = [answer for answer in answers if answer.late_probability is not None]
    probabilities = np.array([answer.late_probability for answer in asked], dtype=np.float64)
    late = np.array([answer.was_late(latency_requirement_s) for answer in asked], dtype=np.bool_)
    return Coverage.of(probabilities, late)


def _conditions(costs: CostTable, device: Device, round_trip_s: float) -> Conditions:
    return Conditions(
        costs, device.latency_requirement_s, round_trip_s, throughput_weight=0.0, hedged=device.hedge
    )


def measured_round_trip_s(answers: Sequence[LiveAnswer], costs: CostTable) -> float | None:
    """The median of what exchanges took beyond their bytes' time on the link as it was; None without any.

    A server and a device that wait a quarter of a second between requests are slower than under probes in a
    row, by more than a fast link takes.
    """
    beyond_s = []
    for answer in answers:
        if answer.reply.network_s:
            row = plan_costs(costs, answer.reply.plan)
            moving_s = 8 * (row.sent_bytes / answer.link_bps + row.received_bytes / answer.down_bps)
            beyond_s.append(answer.reply.network_s - moving_s)
    return max(float(np.median(beyond_s)), 0.0) if beyond_s else None
