"""The range in which a decision holds, against deciding again inside and outside of it."""

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.best_range import BandwidthRange, best_range
from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.link import HIGHEST_BANDWIDTH_BPS, Link
from edgent.planning.paper.exit_search import exit_search

BESIDE = 1e-6
"""How far from an end, in proportion, a decision is looked at."""


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_the_decision_holds_inside_and_changes_outside(
    data: st.DataObject, random_networks: st.SearchStrategy[Any], requirements: st.SearchStrategy[float]
) -> None:
    """Anywhere between the ends the same candidate is chosen, beyond either end another, or late."""
    candidates = data.draw(random_networks).candidates
    requirement = data.draw(requirements)
    upload, ratio = data.draw(st.floats(1e3, 1e8)), data.draw(st.sampled_from([0.5, 1.0, 3.0]))

    def decide(bandwidth: float) -> Decision:
        return exit_search(candidates, Link(1 / 128, bandwidth, bandwidth * ratio), requirement)

    def alike(bandwidth: float) -> bool:
        other = decide(bandwidth)
        same_line = (
            math.isclose(
                candidates.latency_s(Link(1 / 128, bandwidth, bandwidth * ratio))[decision.index],
                other.latency_s,
                rel_tol=1e-12,
            )
            and candidates.depth[other.index] == candidates.depth[decision.index]
        )
        return other.meets_requirement == decision.meets_requirement and (
            other.index == decision.index or same_line
        )

    decision = decide(upload)
    found = best_range(candidates, Link(1 / 128, upload, upload * ratio), requirement, decision)

    assert found.low_bps * (1 - 1e-9) <= upload <= found.high_bps * (1 + 1e-9)
    low, high = max(found.low_bps, 1e-3), min(found.high_bps, HIGHEST_BANDWIDTH_BPS / 4)
    if low * (1 + 3 * BESIDE) < high:
        inside = low * (high / low) ** data.draw(st.floats(0, 1))
        assert alike(min(max(inside, low * (1 + BESIDE)), high * (1 - BESIDE)))
    if found.low_bps > 1e-3:
        assert not alike(found.low_bps * (1 - BESIDE))
    if found.high_bps < HIGHEST_BANDWIDTH_BPS / 4:
        assert not alike(found.high_bps * (1 + BESIDE))


def test_heads_that_are_not_ready_do_not_end_the_range(branchy: CostTable) -> None:
    """With the device's plans alone, bandwidth does not matter."""
    link, ready = Link(0.001, 1e5, 1e5), ~branchy.remote
    decision = exit_search(branchy, link, 0.05, ready=ready)
    found = best_range(branchy, link, 0.05, decision, ready=ready)
    assert found == BandwidthRange(0.0, math.inf)
    assert 1.0 in found


def test_on_a_dead_link_anything_that_gets_through_is_news(branchy: CostTable) -> None:
    """The range of an outage is 0 to 0."""
    link = Link(0.001, 0.0, 1e6)
    found = best_range(branchy, link, 0.05, exit_search(branchy, link, 0.05))
    assert 0.0 in found
    assert 1.0 not in found
