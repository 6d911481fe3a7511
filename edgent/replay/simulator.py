"""One policy on one trace: an inference for every sample, as in the paper's evaluation.

Sample 0 is what the link was measured at before the first inference. At step t = 1, 2, ... the policy has
seen the samples before t and decides; sample t is the bandwidth that the inference meets, of each direction
where the trace holds both, else of both alike; then the policy sees sample t, whatever its plan sent. So
replays are a little kinder than life, in which a small transfer tells less of the link than a large one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from edgent.bandwidth.forecast import Forecast
from edgent.bandwidth.traces import BandwidthTrace
from edgent.errors import DataError
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray, FloatArray, IntArray
from edgent.planning.decision import Decision
from edgent.planning.fallback import fallbacks, hedged_budget_s, latest_starts_s, who_stands_by
from edgent.planning.link import HIGHEST_BANDWIDTH_BPS, Link
from edgent.planning.policies.decided import decided
from edgent.planning.reward import reward
from edgent.planning.situation import Situation
from edgent.replay.conditions import Conditions
from edgent.replay.contenders import Contender


@dataclass(frozen=True, eq=False)
class Replay:
    """What one policy made of one trace; arrays have one entry a step.

    Attributes:
        trace: name of the trace.
        policy: name of the policy.
        duration_s: seconds that the steps cover.
        latency_requirement_s: seconds from input to answer.
        candidate: index of the chosen plan.
        latency_s: seconds from input to answer; infinite if it never comes.
        accuracy: of the exit that answered.
        fell_back: whether a local exit answered because the edge was late.
    """

    trace: str
    policy: str
    duration_s: float
    latency_requirement_s: float
    candidate: IntArray
    latency_s: FloatArray
    accuracy: FloatArray
    fell_back: BoolArray

    @cached_property
    def late(self) -> BoolArray:
        """Whether the answer came after the latency requirement."""
        return self.latency_s > self.latency_requirement_s

    @cached_property
    def throughput(self) -> FloatArray:
        """Answers a second at this latency; 0 where none comes."""
        throughput: FloatArray = 1.0 / self.latency_s
        return throughput

    @property
    def switches(self) -> int:
        """How often the plan was another one than at the step before."""
        return int(np.count_nonzero(np.diff(self.candidate)))

    def reward(self, throughput_weight: float) -> FloatArray:
        """The reward of each step; see `edgent.planning.reward`."""
        return reward(self.latency_s, self.accuracy, self.latency_requirement_s, throughput_weight)


def replay(trace: BandwidthTrace, contender: Contender, conditions: Conditions) -> Replay:
    """Run a policy over a trace.

    Raises:
        DataError: the trace has one sample only: nothing follows the link's first measurement.
        PlanError: the latency requirement is no positive number.
    """
    if trace.bandwidth_bps.size < 2:
        raise DataError(
            f"trace {trace.name} has 1 sample; a replay needs 2 or more: one to measure, one to answer at"
        )
    decisions = _decide(trace, contender, conditions)
    table = conditions.table
    chosen = np.array([decision.index for decision in decisions], dtype=np.int64)
    latency_s = _latency_s(table, chosen, both_bps(trace)[:, 1:], conditions.round_trip_s)
    accuracy = table.accuracy[chosen]
    fell_back = np.zeros(chosen.size, dtype=np.bool_)
    if contender.hedged or conditions.hedged:
        fell_back = _fall_back(decisions, conditions, latency_s, accuracy)
    return Replay(
        trace=trace.name,
        policy=contender.name,
        duration_s=trace.total_s - float(trace.start_s[1]),
        latency_requirement_s=conditions.latency_requirement_s,
        candidate=chosen,
        latency_s=latency_s,
        accuracy=accuracy,
        fell_back=fell_back,
    )


def both_bps(trace: BandwidthTrace) -> FloatArray:
    """Upload and download bandwidth at every sample. Shape (2, n)."""
    download_bps = trace.bandwidth_bps if trace.download_bps is None else trace.download_bps
    return np.minimum([trace.bandwidth_bps, download_bps], HIGHEST_BANDWIDTH_BPS)


def situations(
    trace: BandwidthTrace, new_forecast: Callable[[], Forecast], conditions: Conditions
) -> Iterator[Situation]:
    """What is known before each step; every situation's forecasts are the same objects and move on."""
    forecast = new_forecast()
    download_forecast = None if trace.download_bps is None else new_forecast()
    for upload_bps, download_bps in both_bps(trace)[:, :-1].T.tolist():
        forecast.update(upload_bps)
        if download_forecast is not None:
            download_forecast.update(download_bps)
        yield Situation(
            link=Link(conditions.round_trip_s, upload_bps, download_bps),
            latency_requirement_s=conditions.latency_requirement_s,
            forecast=forecast,
            local_exits=conditions.local_exits,
            download_forecast=download_forecast,
        )


def _decide(trace: BandwidthTrace, contender: Contender, conditions: Conditions) -> list[Decision]:
    """The decision at every step."""
    decisions: list[Decision] = []
    decision = None
    after = both_bps(trace)[:, 1:].T.tolist()
    told = situations(trace, contender.new_forecast, conditions)
    for situation, met in zip(told, after, strict=True):
        link = Link(conditions.round_trip_s, *met) if contender.foresees else situation.link
        decision = decided(
            contender.policy, conditions.table, replace(situation, link=link, previous=decision)
        )
        decisions.append(decision)
    return decisions


def _latency_s(table: CostTable, chosen: IntArray, both_bps: FloatArray, round_trip_s: float) -> FloatArray:
    """`CostTable.latency_s` of one plan on one link for every step.

    Args:
        table: the plans.
        chosen: the plan of each step. Shape (n,).
        both_bps: bandwidths that it meets, up and down. Shape (2, n).
        round_trip_s: t0.
    """
    latency_s = table.fixed_s(round_trip_s)[chosen]
    remote = table.remote[chosen]
    reached = remote & both_bps.all(axis=0)
    for size_bytes, bandwidth_bps in zip(table.size_bytes, both_bps, strict=True):
        latency_s[reached] += 8.0 * size_bytes[chosen[reached]] / bandwidth_bps[reached]
    latency_s[remote & ~reached] = np.inf
    return latency_s


def _fall_back(
    decisions: list[Decision], conditions: Conditions, latency_s: FloatArray, accuracy: FloatArray
) -> BoolArray:
    """Let a local exit answer where the activation is not there in time; changes latency and accuracy.

    The exit is the one that the decision counts on, else the most accurate that can still start behind what
    the plan has the device do. It starts as late as it can: its answer comes when the requirement ends.
    """
    table, requirement_s = conditions.table, conditions.latency_requirement_s
    standing_by = fallbacks(conditions.local_exits, requirement_s)
    starts_s = latest_starts_s(table, standing_by)
    budget_s = hedged_budget_s(table, starts_s, requirement_s)
    fell_back = np.zeros(len(decisions), dtype=np.bool_)
    for step, decision in enumerate(decisions):
        k = decision.index
        row = who_stands_by(standing_by, starts_s[:, k].tolist(), decision.fallback_exit)
        if not table.remote[k] or row is None:
            continue
        if latency_s[step] > budget_s[row, k]:
            latency_s[step] = requirement_s
            accuracy[step] = standing_by[row].accuracy
            fell_back[step] = True
    return fell_back
