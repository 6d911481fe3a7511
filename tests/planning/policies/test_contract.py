"""What every optimizer keeps to."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.change_point import ChangePointForecast, ChangePointPrior
from edgent.bandwidth.forecast import Forecast
from edgent.bandwidth.last_value import LastValueForecast
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.errors import PlanError
from edgent.generated_file import Provenance
from edgent.planning.cost_table import CostTable
from edgent.planning.fallback import LocalExit
from edgent.planning.link import Link
from edgent.planning.paper.configuration_map import build_configuration_map
from edgent.planning.paper.state_lookup import StateLookup
from edgent.planning.policies.chance import ChanceConstrained
from edgent.planning.policies.expected import ExpectedReward
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.known_link import KnownLink
from edgent.planning.policies.plan_once import PlanOnce
from edgent.planning.policies.policy import Policy
from edgent.planning.situation import Situation


def state_lookup(candidates: CostTable) -> StateLookup:
    """The paper's optimizer with a map of three states."""
    states = [
        BandwidthState(mean, 0.1, 0.3, tuple(mean * q for q in QUANTILE_LEVELS), (1.0, 0.0, 0.0))
        for mean in (1e4, 1e6, 1e8)
    ]
    made_by = Provenance("0" * 64, "test", "2026-01-01", {}, {})
    prior = ChangePointPrior()
    return StateLookup(
        build_configuration_map(candidates, states, [0.1, 1.0], prior, made_by, round_trip_s=0.01)
    )


def hedged(candidates: CostTable) -> Hedged:
    """Local exits a quarter slower than the candidates say."""
    local = np.flatnonzero(~candidates.remote)
    return Hedged(
        tuple(
            LocalExit(
                candidates.plans[k].exit, float(candidates.accuracy[k]), 1.25 * float(candidates.device_s[k])
            )
            for k in local
        )
    )


OPTIMIZERS: dict[str, Callable[[CostTable], Policy]] = {
    "paper": state_lookup,
    "expected": lambda _: ExpectedReward(),
    "chance": lambda _: ChanceConstrained(),
    "hedged": hedged,
    "static": lambda _: PlanOnce(),
    "known link": lambda _: KnownLink(),
}
FORECASTS: list[Callable[[], Forecast]] = [
    lambda: ChangePointForecast(ChangePointPrior()),
    MovingAverageForecast,
    LastValueForecast,
]


def situations(data: st.DataObject, candidates: CostTable) -> Situation:
    """One after a few observations, outages among them."""
    forecast = data.draw(st.sampled_from(FORECASTS))()
    for bandwidth in data.draw(st.lists(st.sampled_from([0.0, 1e4, 1e5, 1e6, 1e9]), max_size=4)):
        forecast.update(bandwidth)
    mask = data.draw(st.lists(st.booleans(), min_size=len(candidates), max_size=len(candidates)))
    ready = np.array(mask) | ~candidates.remote
    return Situation(
        link=Link(0.01, data.draw(st.sampled_from([0.0, 1e5, 1e7])), 1e6),
        latency_requirement_s=data.draw(st.sampled_from([0.001, 0.05, 0.5, 10.0])),
        forecast=forecast,
        ready=data.draw(st.sampled_from([None, ready, ~candidates.remote])),
        download_ratio=data.draw(st.sampled_from([0.25, 1.0, 4.0])),
    )


@pytest.mark.parametrize("name", OPTIMIZERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_decision_is_a_ready_candidate_and_always_the_same(
    name: str, data: st.DataObject, random_networks: st.SearchStrategy[Any]
) -> None:
    """It names a candidate that may run, changes nothing it was given, and comes out alike twice."""
    candidates = data.draw(random_networks).candidates
    optimizer = OPTIMIZERS[name](candidates)
    situation = situations(data, candidates)
    before = {
        key: copy.deepcopy(value) for key, value in vars(candidates).items() if isinstance(value, np.ndarray)
    }
    for _ in range(2):
        decision = optimizer.decide(candidates, situation)
        assert optimizer.decide(candidates, situation) == decision
        assert candidates.plans[decision.index] == decision.plan
        assert situation.ready is None or situation.ready[decision.index]
        assert decision.meets_requirement == (decision.latency_s <= situation.latency_requirement_s)
        assert decision.reason
        situation = Situation(**{**vars(situation), "previous": decision})
    for key, value in before.items():
        np.testing.assert_array_equal(value, getattr(candidates, key))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_without_a_ready_candidate_there_is_no_decision(name: str, branchy: CostTable) -> None:
    """The device's own plans should always be ready; a mask without them is a mistake."""
    nothing = Situation(
        Link(0.01, 1e6, 1e6),
        0.1,
        ChangePointForecast(ChangePointPrior()),
        ready=np.zeros(len(branchy), dtype=np.bool_),
    )
    with pytest.raises(PlanError, match="no candidate is ready"):
        OPTIMIZERS[name](branchy).decide(branchy, nothing)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_long_outage_ends_on_the_device(name: str, branchy: CostTable) -> None:
    """After a minute of nothing every optimizer that follows the link answers locally, and in time."""
    forecast = ChangePointForecast(ChangePointPrior())
    for _ in range(60):
        forecast.update(0.0)
    optimizer = OPTIMIZERS[name](branchy)
    decision = optimizer.decide(branchy, Situation(Link(0.01, 0.0, 0.0), 0.1, forecast))
    assert decision.plan.partition_point == 0
    assert decision.meets_requirement
