"""The order of candidates, and which of them are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.errors import PlanError
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search, paper_search, paper_space
from edgent.planning.ranking import best_to_show, ranking

if TYPE_CHECKING:
    from edgent.planning.cost_table import CostTable


@given(st.data())
def test_the_first_is_the_choice_and_the_rest_follows(
    random_networks: st.SearchStrategy,
    links: st.SearchStrategy,
    requirements: st.SearchStrategy,
    data: st.DataObject,
) -> None:
    """Without the first k, `exit_search` chooses the one behind them."""
    candidates = data.draw(random_networks).candidates
    link, requirement_s = data.draw(links), data.draw(requirements)
    order = ranking(candidates, link, requirement_s)
    assert sorted(order) == list(range(len(candidates)))
    left = [True] * len(candidates)
    for k in order[:4]:
        ready = np.array(left)
        found = exit_search(candidates, link, requirement_s, ready=ready)
        assert found.index == k
        left[k] = False


def test_only_what_is_allowed(branchy: CostTable) -> None:
    """The paper's space holds the paper's choice and nothing else."""
    link, allowed = Link(0.002, 1e6, 1e6), paper_space(branchy)
    order = ranking(branchy, link, 0.05, allowed)
    decision = paper_search(branchy, link, 0.05)
    assert decision is not None
    assert decision.index in order
    assert allowed[order].all()
    with pytest.raises(PlanError, match="positive"):
        ranking(branchy, link, 0.0)


def test_shortlist_compares_exits_and_ways_to_run_them(branchy: CostTable) -> None:
    """The choice, the next, then what is not there yet; each once."""
    link = Link(0.002, 1e7, 1e7)
    decision = exit_search(branchy, link, 0.05)
    shown = best_to_show(branchy, ranking(branchy, link, 0.05), 2, decision)
    roles = [one.role for one in shown]
    assert roles[:2] == ["chosen", "next"]
    assert {"device-only", "best inner cut", "best of exit1"} <= set(roles)
    assert len({one.index for one in shown}) == len(shown)
    assert shown[0].index == decision.index
    without = best_to_show(branchy, ranking(branchy, link, 0.05), 2, None)
    assert [one.role for one in without[:2]] == ["next", "next"]
    assert {one.role for one in without[2:]} <= {"best of exit1", "best of exit2"}  # no exit was chosen
