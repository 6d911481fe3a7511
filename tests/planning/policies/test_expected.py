"""Expected reward, against adding the reward up over the distribution."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.plan import Plan
from edgent.planning.policies.expected import ExpectedReward, expected_reward
from edgent.planning.reward import reward
from edgent.planning.situation import Situation


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_expected_reward_is_the_mean_of_the_reward(
    data: st.DataObject,
    random_networks: st.SearchStrategy[Any],
    requirements: st.SearchStrategy[float],
    log_uniform: type[Any],
) -> None:
    """Within 3 % of the best candidate's, over two thousand bandwidths."""
    candidates = data.draw(random_networks).candidates
    requirement = data.draw(requirements)
    forecast = log_uniform(data.draw(st.floats(1e4, 1e8)))
    ratio = data.draw(st.sampled_from([0.5, 1.0, 4.0]))
    situation = Situation(Link(1 / 64, 1e6, 1e6), requirement, forecast, download_ratio=ratio)
    latency = np.stack(
        [
            candidates.latency_s(Link(1 / 64, bandwidth, ratio * bandwidth))
            for bandwidth in forecast.samples_bps()[::10]
        ]
    )
    takes_time = latency.min(axis=0) > 0
    for weight in (1.0, 0.0):
        mean = reward(latency, candidates.accuracy, requirement, weight).mean(axis=0)[takes_time]
        value = expected_reward(candidates, LinkDistribution(situation), weight)[takes_time]
        if mean.size:
            assert value == pytest.approx(mean, abs=0.03 * mean.max() + 1e-12)


def test_a_plan_that_is_late_half_the_time_is_not_chosen(branchy: CostTable, log_uniform: type[Any]) -> None:
    """At the mean the edge wins on reward; over the distribution the device does."""
    forecast = log_uniform(2.23e6)
    situation = Situation(Link(0.001, 2.23e6, 2.23e6), 0.0105, forecast)
    at_mean = reward(branchy.latency_s(situation.link), branchy.accuracy, 0.0105, 1.0)
    assert branchy.remote[at_mean.argmax()]
    assert ExpectedReward(throughput_weight=1.0).decide(branchy, situation).plan == Plan("exit1", 0)


def test_hysteresis_keeps_the_previous_plan_until_it_lacks_too_much(
    branchy: CostTable, log_uniform: type[Any]
) -> None:
    """A plan within the share of the best stays, one beyond it goes, and an unready one goes at once."""
    situation = Situation(Link(0.001, 1e6, 1e6), 0.2, log_uniform(1e6))
    value = expected_reward(branchy, LinkDistribution(situation), 1.0)
    best, second = np.argsort(-value, kind="stable")[:2]
    lacks = float(1 - value[second] / value[best])
    assert 0 < lacks < 0.5
    previous = ExpectedReward(throughput_weight=1.0).decide(
        branchy, Situation(**{**vars(situation), "ready": np.arange(len(branchy)) == second})
    )
    assert previous.index == second
    later = Situation(**{**vars(situation), "previous": previous})
    assert ExpectedReward(lacks + 0.01, 1.0).decide(branchy, later).index == second
    assert ExpectedReward(lacks - 0.01, 1.0).decide(branchy, later).index == best
    unready = Situation(**{**vars(later), "ready": np.arange(len(branchy)) != second})
    assert ExpectedReward(lacks + 0.01, 1.0).decide(branchy, unready).index == best


def test_of_plans_about_as_good_the_quickest_is_taken_and_the_slower_one_is_left(
    branchy: CostTable, log_uniform: type[Any]
) -> None:
    """On a quick link the edge answers as well as the device and sooner; a device-only plan does not stay."""
    situation = Situation(Link(0.001, 1e9, 1e9), 5.0, log_uniform(1e9))
    alone = np.flatnonzero(~branchy.remote & (branchy.accuracy == branchy.accuracy.max()))
    at_home = ExpectedReward().decide(
        branchy, replace(situation, ready=np.isin(np.arange(len(branchy)), alone))
    )
    later = replace(situation, previous=at_home)
    decision = ExpectedReward().decide(branchy, later)
    assert branchy.remote[decision.index]
    assert branchy.accuracy[decision.index] == branchy.accuracy[at_home.index]
    assert decision.latency_s < at_home.latency_s / 1.1
    assert ExpectedReward().decide(branchy, replace(later, previous=decision)) == decision


def test_a_plan_that_is_about_as_quick_stays(branchy: CostTable, log_uniform: type[Any]) -> None:
    """For 7 % of the latency no plan is left; one that may be late is, although the hysteresis is large."""
    situation = Situation(Link(0.001, 3.4e7, 3.4e7), 5.0, log_uniform(3.4e7))
    best = ExpectedReward().decide(branchy, situation)
    assert best.plan == Plan("exit2", 3, "raw")
    webp = Plan("exit2", 3, "webp")
    previous = replace(best, plan=webp, index=branchy.index_of(webp))
    assert ExpectedReward().decide(branchy, replace(situation, previous=previous)).plan == webp
    slow = replace(situation, latency_requirement_s=0.035, forecast=log_uniform(5e5), previous=previous)
    assert not ExpectedReward(hysteresis=0.99).decide(branchy, slow).plan.remote
