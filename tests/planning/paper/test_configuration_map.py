"""Algorithm 2: the map holds the plan of the highest reward for every state and requirement."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.change_point import ChangePointPrior
from edgent.errors import PlanError
from edgent.generated_file import Provenance
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.paper.configuration_map import build_configuration_map
from edgent.planning.paper.exit_search import paper_space
from edgent.planning.reward import reward

MADE_BY = Provenance("0" * 64, "edgent map", "2026-01-01", {}, {})
PRIOR = ChangePointPrior()


def state(mean_bps: float) -> BandwidthState:
    """A state of which only the mean matters here."""
    return BandwidthState(mean_bps, 0.1, 0.5, tuple(mean_bps * q for q in QUANTILE_LEVELS), (0.5, 0.5))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_every_entry_has_the_highest_reward(
    data: st.DataObject, random_networks: st.SearchStrategy[Any], requirements: st.SearchStrategy[float]
) -> None:
    """Compared with the reward of each candidate, one by one; the fastest where all are late."""
    candidates = data.draw(random_networks).candidates
    means = [2.0**12, 2.0**16, 2.0**20]
    wanted = data.draw(st.lists(requirements, min_size=1, max_size=3, unique=True))
    made = build_configuration_map(
        candidates, [state(m) for m in means], wanted, PRIOR, MADE_BY, round_trip_s=1 / 64
    )
    for mean, row in zip(means, made.entries, strict=True):
        link = Link(1 / 64, mean, mean)
        times = [candidates.parts(link, k).total_s for k in range(len(candidates))]
        for requirement, entry in zip(sorted(wanted), row, strict=True):
            rewards = [
                float(reward(np.array(time), np.array(accuracy), requirement))
                for time, accuracy in zip(times, candidates.accuracy, strict=True)
            ]
            k = candidates.index_of(entry.plan)
            assert entry.reward == pytest.approx(max(rewards))
            assert entry.latency_s == times[k]
            assert entry.reward > 0 or entry.latency_s == min(times)


def test_the_map_can_be_kept_to_the_papers_plans(branchy: CostTable) -> None:
    """No edge-only and no codecs, on a link where edge-only would win."""
    made = build_configuration_map(
        branchy, [state(1e8)], [0.05], PRIOR, MADE_BY, round_trip_s=0.001, allowed=paper_space(branchy)
    )
    plan = made.entries[0][0].plan
    assert paper_space(branchy)[branchy.index_of(plan)]


def test_lookup_takes_the_nearest_state_and_a_requirement_that_is_kept(branchy: CostTable) -> None:
    """Nearest in ratio; the longest listed requirement that is no longer than the one asked for."""
    made = build_configuration_map(
        branchy, [state(1e5), state(1e7)], [0.2, 0.05], PRIOR, MADE_BY, round_trip_s=0.001
    )
    assert made.latency_requirements_s == (0.05, 0.2)
    slow, fast = made.entries
    assert made.lookup(9e5, 0.05) is slow[0]
    assert made.lookup(1.1e6, 0.05) is fast[0]
    assert made.lookup(0.0, 0.3) is slow[1]
    assert made.lookup(1e9, 0.19) is fast[0]
    assert made.lookup(1e9, 0.01) is fast[0]


def test_a_map_of_nothing_is_refused(branchy: CostTable) -> None:
    """States and requirements are needed, and requirements are positive."""
    with pytest.raises(PlanError, match="needs bandwidth states"):
        build_configuration_map(branchy, [], [0.1], PRIOR, MADE_BY, round_trip_s=0.0)
    with pytest.raises(PlanError, match="expected a positive number"):
        build_configuration_map(branchy, [state(1e6)], [-0.1], PRIOR, MADE_BY, round_trip_s=0.0)
