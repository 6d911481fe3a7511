"""Algorithm 3: the state is held until it changes."""

from typing import Any

import numpy as np
import pytest

from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.change_point import ChangePointPrior
from edgent.generated_file import Provenance
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.paper.configuration_map import ConfigurationMap, build_configuration_map
from edgent.planning.paper.state_lookup import StateLookup
from edgent.planning.situation import Situation


@pytest.fixture
def configuration_map(branchy: CostTable) -> ConfigurationMap:
    """A slow state where the device answers, a fast one where the edge does."""
    states = [
        BandwidthState(mean, 0.1, 0.5, tuple(mean * q for q in QUANTILE_LEVELS), (0.9, 0.1))
        for mean in (1e5, 1e8)
    ]
    made_by = Provenance("0" * 64, "test", "2026-01-01", {}, {})
    return build_configuration_map(
        branchy, states, [0.02, 0.1], ChangePointPrior(), made_by, round_trip_s=0.001
    )


def situation(forecast: Any, previous: Any = None, **others: Any) -> Situation:
    """One in which the last measured link plays no part."""
    values: dict[str, Any] = {"latency_requirement_s": 0.1, **others}
    return Situation(Link(0.001, 0.0, 0.0), forecast=forecast, previous=previous, **values)


def test_the_plan_is_that_of_the_state_until_the_state_changes(
    branchy: CostTable, configuration_map: ConfigurationMap, log_uniform: type[Any]
) -> None:
    """A mean that wanders without a change point moves nothing; a change point does."""
    policy = StateLookup(configuration_map)
    slow, fast = (row[1].plan for row in configuration_map.entries)
    assert slow != fast
    first = policy.decide(branchy, situation(log_uniform(1e5)))
    assert (first.plan, first.held_bps) == (slow, 1e5)
    second = policy.decide(branchy, situation(log_uniform(9e7), first))
    assert (second.plan, second.held_bps) == (slow, 1e5)
    third = policy.decide(branchy, situation(log_uniform(9e7, changed=True), second))
    assert (third.plan, third.held_bps) == (fast, 9e7)


def test_another_requirement_is_looked_up_in_the_held_state(
    branchy: CostTable, configuration_map: ConfigurationMap, log_uniform: type[Any]
) -> None:
    """The state is held, not the plan."""
    policy = StateLookup(configuration_map)
    first = policy.decide(branchy, situation(log_uniform(1e8), latency_requirement_s=0.1))
    second = policy.decide(branchy, situation(log_uniform(1e5), first, latency_requirement_s=0.02))
    assert second.plan == configuration_map.entries[1][0].plan


def test_a_stand_in_is_taken_while_the_head_is_not_ready(
    branchy: CostTable, configuration_map: ConfigurationMap, log_uniform: type[Any]
) -> None:
    """The best of the ready ones, and the map's plan again as soon as it is."""
    policy = StateLookup(configuration_map)
    fast = configuration_map.entries[1][1].plan
    ready = np.ones(len(branchy), dtype=np.bool_)
    ready[branchy.index_of(fast)] = False
    first = policy.decide(branchy, situation(log_uniform(1e8), ready=ready))
    assert first.plan != fast
    assert str(fast) in first.reason
    assert policy.decide(branchy, situation(log_uniform(1e8), first)).plan == fast
