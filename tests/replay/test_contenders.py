"""The policies by name, and what holds between them on any trace."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.bandwidth.forecasts import FORECASTS
from edgent.bandwidth.generator import demo_traces
from edgent.errors import PlanError, UnknownNameError
from edgent.planning.paper.configuration_map import ConfigurationMap
from edgent.planning.policies.registry import POLICIES
from edgent.replay.conditions import Conditions
from edgent.replay.contenders import contender
from edgent.replay.simulator import replay


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), requirement_ms=st.integers(5, 200), weight=st.sampled_from([0.0, 1.0]))
def test_no_policy_beats_the_oracle(
    conditions: Conditions, configuration_map: ConfigurationMap, seed: int, requirement_ms: int, weight: float
) -> None:
    """At no step of any trace, on the reward that both strive for."""
    under = replace(conditions, latency_requirement_s=requirement_ms / 1e3, throughput_weight=weight)
    (trace,) = demo_traces(count=1, samples=40, seed=seed)
    best = replay(trace, contender("oracle", under), under).reward(weight)
    for name in POLICIES:
        if name != "hedged":  # which has a local exit standing by
            made = replay(trace, contender(name, under, configuration_map), under)
            assert (made.reward(weight) <= best).all()


def test_a_standing_plan_is_not_hurt_by_a_map_of_other_conditions(
    conditions: Conditions, configuration_map: ConfigurationMap
) -> None:
    """Algorithm 2 runs again: the map's own plans, made for the paper's reward, are not what is followed."""
    (trace,) = demo_traces(count=1, samples=40, seed=3)
    by_accuracy = replay(trace, contender("paper", conditions, configuration_map), conditions)
    paper = replace(conditions, throughput_weight=1.0)
    by_paper = replay(trace, contender("paper", paper, configuration_map), paper)
    assert by_accuracy.accuracy.mean() > by_paper.accuracy.mean()


@pytest.mark.parametrize("forecast", FORECASTS)
def test_every_forecast_can_be_planned_on(conditions: Conditions, forecast: str) -> None:
    """Same observations, same decisions."""
    (trace,) = demo_traces(count=1, samples=40, seed=4)
    runs = [replay(trace, contender("expected", conditions, forecast=forecast), conditions) for _ in range(2)]
    assert runs[0].candidate.tolist() == runs[1].candidate.tolist()


def test_unknown_names_are_refused(conditions: Conditions) -> None:
    """The messages list what there is; a policy without its map says how to make one."""
    with pytest.raises(UnknownNameError, match="no policy 'best'; there are chance, expected, hedged"):
        contender("best", conditions)
    with pytest.raises(UnknownNameError, match="no forecast 'oracle'; there are change-point"):
        contender("expected", conditions, forecast="oracle")
    with pytest.raises(PlanError, match="`edgent map SPEC`, or choose another"):
        contender("paper", conditions)


def test_planning_on_the_distribution_avoids_late_answers(
    conditions: Conditions, configuration_map: ConfigurationMap
) -> None:
    """What a plan that just fits the mean gains in accuracy, it loses in answers that come too late."""
    late = {}
    for name in ("paper", "expected"):
        policy = contender(name, conditions, configuration_map)
        late[name] = sum(int(replay(trace, policy, conditions).late.sum()) for trace in demo_traces())
    assert late["paper"] > 2 * late["expected"] > 0
