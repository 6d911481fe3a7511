"""Decisions from a shortlist against decisions from all plans."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.bandwidth.change_point import ChangePointPrior
from edgent.bandwidth.forecast import Forecast
from edgent.bandwidth.forecasts import FORECASTS
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import FloatArray, IntArray
from edgent.planning.fallback import LocalExit
from edgent.planning.link import Link
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.policies import chance, expected, hedged
from edgent.planning.policies.chance import ChanceConstrained
from edgent.planning.policies.expected import ExpectedReward
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.policy import Policy, decision_at
from edgent.planning.shortlist import AtBest, expected_latency_s, shortlist
from edgent.planning.situation import Situation, ready_plans

POLICIES: dict[str, Policy] = {
    "expected": ExpectedReward(),
    "expected, the paper's reward": ExpectedReward(throughput_weight=1.0),
    "chance": ChanceConstrained(),
    "hedged": Hedged(),
}


def everything(
    table: CostTable, distribution: LinkDistribution, _most: FloatArray, at_best: AtBest, _indifference: float
) -> tuple[IntArray, FloatArray]:
    """What `shortlist` would be if it left nothing out."""
    plans = ready_plans(table, distribution.situation)
    seconds = expected_latency_s(table, distribution, plans)
    seconds = np.where(table.remote[plans], seconds, at_best.latency_s[plans])
    return plans, seconds


@contextmanager
def all_plans() -> Iterator[None]:
    """Policies look at every plan."""
    with pytest.MonkeyPatch.context() as patch:
        for policy in (chance, expected, hedged):
            patch.setattr(policy, "shortlist", everything)
        yield


def _forecast(data: st.DataObject) -> Forecast:
    forecast = FORECASTS[data.draw(st.sampled_from(list(FORECASTS)))](ChangePointPrior())
    level_bps = data.draw(st.sampled_from([2e4, 1e5, 1e6, 2e7]))
    for times in data.draw(st.lists(st.sampled_from([0.0, 0.5, 0.9, 1.0, 1.2, 3.0]), min_size=1, max_size=8)):
        forecast.update(times * level_bps)
    return forecast


def _situation(data: st.DataObject, table: CostTable, requirement_s: float) -> Situation:
    """Any plans ready, the device's own or not, and any of them the previous one."""
    ready = np.array(data.draw(st.lists(st.booleans(), min_size=len(table), max_size=len(table))))
    ready[data.draw(st.integers(0, len(table) - 1))] = True
    link, slower = Link(1 / 64, 1e6, 1e6), data.draw(st.sampled_from([1.0, 1.25]))
    situation = Situation(
        link,
        requirement_s,
        _forecast(data),
        ready=data.draw(st.sampled_from([None, ready, ready | ~table.remote])),
        download_ratio=data.draw(st.sampled_from([0.5, 1.0, 4.0])),
        local_exits=tuple(
            LocalExit(
                table.plans[k].exit, float(table.accuracy[k]), slower * float(table.device_compute_s[k])
            )
            for k in table.device_only
            if not table.plans[k].leaves_early
        ),
        is_eager=data.draw(st.booleans()),
        compute_spread=data.draw(st.sampled_from([1.0, 1.1])),
        download_forecast=_forecast(data) if data.draw(st.booleans()) else None,
    )
    previous = decision_at(table, situation, data.draw(st.integers(0, len(table) - 1)), "it was drawn")
    return Situation(**{**vars(situation), "previous": data.draw(st.sampled_from([None, previous]))})


@pytest.mark.parametrize("name", POLICIES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_shortlist_changes_no_decision(
    name: str,
    data: st.DataObject,
    random_networks: st.SearchStrategy[Any],
    asking_networks: st.SearchStrategy[Any],
    requirements: st.SearchStrategy[float],
) -> None:
    """For every policy, whatever is ready, whatever was decided before, and where plans leave early."""
    table = data.draw(random_networks | asking_networks).candidates
    situation = _situation(data, table, data.draw(requirements))
    decision = POLICIES[name].decide(table, situation)
    with all_plans():
        assert decision == POLICIES[name].decide(table, situation)


def test_what_the_device_does_as_well_and_sooner_leaves_little_to_ask(
    branchy: CostTable, log_uniform: type[Any]
) -> None:
    """Beside the device's own plans none on a slow link, and on a quick one those that may be sooner."""
    most = 1.0 + branchy.accuracy
    for level_bps, sooner in ((1e4, False), (1e8, True)):
        situation = Situation(Link(0.001, level_bps, level_bps), 10.0, log_uniform(level_bps))
        at_best, distribution = AtBest.of(branchy, situation), LinkDistribution(situation)
        plans, expected_s = shortlist(branchy, distribution, most, at_best, 0.002)
        remote = branchy.remote[plans]
        assert plans[~remote].tolist() == branchy.device_only
        assert remote.any() == sooner
        assert (expected_s[remote] <= branchy.device_compute_s[branchy.device_only].max()).all()


def test_no_link_is_better_than_the_best(branchy: CostTable, log_uniform: type[Any]) -> None:
    """Device-only plans take just what they take at best; no other one is expected to take less."""
    situation = Situation(Link(0.001, 1e6, 1e6), 0.05, log_uniform(1e6), download_forecast=log_uniform(3e6))
    at_best, everyone = AtBest.of(branchy, situation), np.arange(len(branchy))
    expected_s = expected_latency_s(branchy, LinkDistribution(situation), everyone)
    assert (at_best.latency_s <= expected_s * (1 + 1e-12)).all()
    own = branchy.device_only
    assert at_best.latency_s[own] == pytest.approx(np.minimum(branchy.device_compute_s[own], 0.05))
