"""One policy on one trace, against what can be worked out by hand."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from edgent.bandwidth.last_value import LastValueForecast
from edgent.bandwidth.traces import BandwidthTrace
from edgent.errors import DataError, PlanError
from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.situation import Situation
from edgent.replay.conditions import Conditions
from edgent.replay.contenders import Contender, contender
from edgent.replay.simulator import replay

MakeTrace = Callable[..., BandwidthTrace]


class Fixed:
    """Always the same plan; remembers what it was shown."""

    def __init__(self, plan: str, fallback_exit: str | None = None) -> None:
        self.plan = Plan.parse(plan)
        self.fallback_exit = fallback_exit
        self.seen: list[tuple[float, float]] = []
        self.situations: list[Situation] = []

    def decide(self, candidates: CostTable, situation: Situation) -> Decision:
        """The plan."""
        self.seen.append((situation.link.upload_bps, situation.forecast.mean_bps))
        self.situations.append(situation)
        k = candidates.index_of(self.plan)
        return Decision(self.plan, 0.0, True, k, "fixed", fallback_exit=self.fallback_exit)


def test_a_replay_by_hand(trace: MakeTrace, conditions: Conditions) -> None:
    """Last value on 1, 8, 0.1 and 8 Mbit/s: what was best a sample ago meets the sample that comes.

    Edge-only of exit 2 takes 1 ms round trip, 4 ms on the edge and 8800 bits: 9.8 ms at 1 Mbit/s, hence
    6.1 ms at 8 Mbit/s and 93 ms at 0.1 Mbit/s, where only exit 1 on the device (10 ms) is in time.
    """
    made = replay(trace(1e6, 8e6, 1e5, 8e6), contender("last-value", conditions), conditions)
    edge_only = conditions.table.index_of(Plan("exit2", 2))
    device_only = conditions.table.index_of(Plan("exit1", 0))
    assert made.candidate.tolist() == [edge_only, edge_only, device_only]
    assert made.latency_s == pytest.approx([0.005 + 0.0011, 0.005 + 0.088, 0.010])
    assert made.late.tolist() == [False, True, False]
    assert made.accuracy.tolist() == [0.8, 0.8, 0.5]
    assert made.reward(0.0) == pytest.approx([math.exp(0.8), 0.0, math.exp(0.5)])
    assert made.reward(1.0) == pytest.approx([math.exp(0.8) + 1 / 0.0061, 0.0, math.exp(0.5) + 100])
    assert made.throughput == pytest.approx([1 / 0.0061, 1 / 0.093, 100])
    assert made.switches == 1
    assert made.duration_s == 3.0


def test_a_policy_sees_what_was_before_only(trace: MakeTrace, conditions: Conditions) -> None:
    """At the first step one sample; the oracle alone is told the next one."""
    honest, oracle = Fixed("exit1:p0"), Fixed("exit1:p0")
    replay(trace(1e6, 2e6, 3e6), Contender("honest", honest, LastValueForecast), conditions)
    replay(trace(1e6, 2e6, 3e6), Contender("oracle", oracle, LastValueForecast, foresees=True), conditions)
    assert np.array(honest.seen) == pytest.approx(np.array([(1e6, 1e6), (2e6, 2e6)]))
    assert np.array(oracle.seen) == pytest.approx(np.array([(2e6, 1e6), (3e6, 2e6)]))


def test_latencies_are_those_of_the_planner(trace: MakeTrace, conditions: Conditions) -> None:
    """To the last bit, for every plan: else an oracle could be late by a rounding."""
    bandwidths = (1e6, 1e6 / 3, 7e6 / 9, 0.0)
    for plan in conditions.table.plans:
        made = replay(trace(*bandwidths), Contender("fixed", Fixed(str(plan)), LastValueForecast), conditions)
        k = conditions.table.index_of(plan)
        expected = [conditions.table.latency_s(Link(0.001, bps, bps))[k] for bps in bandwidths[1:]]
        assert made.latency_s.tolist() == expected


def test_a_pair_is_met_and_seen_in_both_directions(trace: MakeTrace, conditions: Conditions) -> None:
    """1000 bytes go up at the upload's bandwidth, 100 come down at the download's; each has its forecast."""
    pair = replace(trace(1e6, 2e6, 4e6, 1e6), download_bps=np.array([5e5, 1e5, 8e5, 0.0]))
    fixed = Fixed("exit2:p2")
    made = replay(pair, Contender("fixed", fixed, LastValueForecast), conditions)
    assert made.latency_s == pytest.approx([0.005 + 0.004 + 0.008, 0.005 + 0.002 + 0.001, math.inf])
    assert [situation.link for situation in fixed.situations] == [
        Link(0.001, 1e6, 5e5),
        Link(0.001, 2e6, 1e5),
        Link(0.001, 4e6, 8e5),
    ]
    assert all(
        situation.mean_link.download_bps == pytest.approx(8e5)
        for situation in fixed.situations  # one forecast, which has seen them all by now
    )


def test_the_oracle_is_told_both_directions(trace: MakeTrace, conditions: Conditions) -> None:
    """It is never late where the download of the next sample leaves a plan that is not."""
    pair = replace(trace(*[4e6] * 4), download_bps=np.array([4e6, 1e4, 4e6, 1e4]))
    made = replay(pair, contender("oracle", conditions), conditions)
    assert not made.late.any()
    assert conditions.table.remote[made.candidate].tolist() == [False, True, False]


@pytest.mark.parametrize("policy", ["expected", "hedged", "chance"])
def test_policies_plan_on_the_download_too(trace: MakeTrace, conditions: Conditions, policy: str) -> None:
    """With 8 Mbit/s up and 10 kbit/s down even a short answer is late: what can be is done on the device."""
    pair = replace(trace(*[8e6] * 12), download_bps=np.full(12, 1e4))
    made = replay(pair, contender(policy, conditions), conditions)
    assert not made.late.any()
    assert not conditions.table.remote[made.candidate].any()


def test_an_outage_is_survived_on_the_device(trace: MakeTrace, conditions: Conditions) -> None:
    """Zero bandwidth: no answer from the edge, one from the device, and no arithmetic goes wrong."""
    outage = trace(1e6, 0.0, 0.0, 0.0)
    made = replay(outage, contender("last-value", conditions), conditions)
    assert made.latency_s.tolist() == [math.inf, 0.010, 0.010]
    assert made.throughput[0] == 0.0
    assert made.reward(1.0)[0] == 0.0
    for name in ("static", "expected", "chance", "hedged", "oracle"):
        assert replay(trace(0.0, 0.0), contender(name, conditions), conditions).late.sum() == 0


@pytest.mark.parametrize("named", ["exit1", None])
def test_a_local_exit_answers_when_the_edge_is_late(
    trace: MakeTrace, conditions: Conditions, named: str | None
) -> None:
    """Its answer is given 2 ms before the requirement of 30; a whole answer that comes before it counts."""
    policy = Contender("fixed", Fixed("exit2:p2", named), LastValueForecast)
    slow, quick = 8800 / 0.024, 8800 / 0.022  # 29 and 27 ms
    made = replay(trace(1e6, slow, quick), policy, replace(conditions, hedged=True))
    assert made.fell_back.tolist() == [True, False]
    assert made.latency_s == pytest.approx([0.03, 0.027])
    assert made.accuracy.tolist() == [0.5, 0.8]
    assert not made.late.any()
    alone = replay(trace(1e6, slow, quick), policy, conditions)
    assert alone.latency_s == pytest.approx([0.029, 0.027])
    assert not alone.fell_back.any()


def test_no_local_exit_is_quick_enough(trace: MakeTrace, conditions: Conditions) -> None:
    """Then nothing stands by."""
    tight = replace(conditions, latency_requirement_s=0.008, hedged=True)
    made = replay(trace(1e6, 1e6), Contender("fixed", Fixed("exit2:p2"), LastValueForecast), tight)
    assert made.late.tolist() == [True]
    assert made.fell_back.tolist() == [False]


def test_one_sample_is_too_few(trace: MakeTrace, conditions: Conditions) -> None:
    """The message names the trace and says why."""
    with pytest.raises(DataError, match="trace set/trace has 1 sample; a replay needs 2 or more"):
        replay(trace(1e6), contender("static", conditions), conditions)


def test_a_requirement_must_be_positive(trace: MakeTrace, conditions: Conditions) -> None:
    """As everywhere in planning."""
    with pytest.raises(PlanError, match="latency requirement 0 s"):
        replay(
            trace(1e6, 1e6),
            contender("static", conditions),
            replace(conditions, latency_requirement_s=0.0),
        )


def test_a_plan_that_only_receives_is_cut_off_too(trace: MakeTrace, conditions: Conditions) -> None:
    """Nothing to send over a dead link is still no answer."""
    silent = replace(conditions.table, size_bytes=0 * conditions.table.size_bytes)
    made = replay(
        trace(1e6, 0.0),
        Contender("fixed", Fixed("exit2:p2"), LastValueForecast),
        replace(conditions, table=silent),
    )
    assert made.latency_s.tolist() == [math.inf]
