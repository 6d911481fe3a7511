"""What every policy keeps to."""

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.change_point import ChangePointForecast, ChangePointPrior
from edgent.bandwidth.forecasts import FORECASTS
from edgent.errors import PlanError
from edgent.generated_file import Provenance
from edgent.planning.cost_table import CostTable
from edgent.planning.fallback import LocalExit
from edgent.planning.link import Link
from edgent.planning.paper.configuration_map import build_configuration_map
from edgent.planning.policies.policy import Policy
from edgent.planning.policies.registry import POLICIES, Setting
from edgent.planning.situation import Situation
from edgent.planning.stages import Step

VERBS = ("is", "has", "stays", "stands", "takes", "sends", "comes", "was")


def make(name: str, table: CostTable) -> Policy:
    """A registered policy, with a map of three states."""
    states = [
        BandwidthState(mean, 0.1, 0.3, tuple(mean * q for q in QUANTILE_LEVELS), (1.0, 0.0, 0.0))
        for mean in (1e4, 1e6, 1e8)
    ]
    made_by = Provenance("0" * 64, "test", "2026-01-01", {}, {})
    configuration_map = build_configuration_map(
        table, states, [0.1, 1.0], ChangePointPrior(), made_by, round_trip_s=0.01
    )
    return POLICIES[name].make(Setting(1.0, configuration_map))


def local_exits(table: CostTable) -> tuple[LocalExit, ...]:
    """Local exits a quarter slower than the table says."""
    return tuple(
        LocalExit(
            table.plans[k].exit,
            float(table.accuracy[k]),
            1.25 * float(table.seconds[Step.RUN_DEVICE, k]),
        )
        for k in np.flatnonzero(~table.remote)
    )


def situations(data: st.DataObject, candidates: CostTable) -> Situation:
    """One after a few observations, outages among them."""
    forecast = FORECASTS[data.draw(st.sampled_from(list(FORECASTS)))](ChangePointPrior())
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
        local_exits=local_exits(candidates),
    )


@pytest.mark.parametrize("name", POLICIES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_decision_is_a_ready_candidate_and_always_the_same(
    name: str, data: st.DataObject, random_networks: st.SearchStrategy[Any]
) -> None:
    """It names a candidate that may run, changes nothing it was given, and comes out alike twice."""
    candidates = data.draw(random_networks).candidates
    policy = make(name, candidates)
    situation = situations(data, candidates)
    before = {
        key: copy.deepcopy(value) for key, value in vars(candidates).items() if isinstance(value, np.ndarray)
    }
    for _ in range(2):
        decision = policy.decide(candidates, situation)
        assert policy.decide(candidates, situation) == decision
        assert candidates.plans[decision.index] == decision.plan
        assert situation.ready is None or situation.ready[decision.index]
        assert decision.meets_requirement == (decision.latency_s <= situation.latency_requirement_s)
        assert decision.reason.split()[0] in VERBS, f"this plan, which {decision.reason}"
        situation = Situation(**{**vars(situation), "previous": decision})
    for key, value in before.items():
        np.testing.assert_array_equal(value, getattr(candidates, key))


@pytest.mark.parametrize("name", POLICIES)
def test_without_a_ready_candidate_there_is_no_decision(name: str, branchy: CostTable) -> None:
    """The device's own plans should always be ready; a mask without them is a mistake."""
    nothing = Situation(
        Link(0.01, 1e6, 1e6),
        0.1,
        ChangePointForecast(ChangePointPrior()),
        ready=np.zeros(len(branchy), dtype=np.bool_),
    )
    with pytest.raises(PlanError, match="no plan is ready"):
        make(name, branchy).decide(branchy, nothing)


@pytest.mark.parametrize("name", POLICIES)
def test_a_long_outage_ends_on_the_device(name: str, branchy: CostTable) -> None:
    """After a minute of nothing every policy that follows the link answers locally, and in time."""
    forecast = ChangePointForecast(ChangePointPrior())
    for _ in range(60):
        forecast.update(0.0)
    situation = Situation(Link(0.01, 0.0, 0.0), 0.1, forecast, local_exits=local_exits(branchy))
    decision = make(name, branchy).decide(branchy, situation)
    assert not decision.plan.remote
    assert decision.meets_requirement
