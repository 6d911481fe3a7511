"""The plan of the start."""

from typing import Any

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.policies.plan_once import PlanOnce
from edgent.planning.situation import Situation


def test_the_first_plan_stays_whatever_the_link_does(branchy: CostTable, log_uniform: type[Any]) -> None:
    """It is Algorithm 1's on the first link; only a head that is gone ends it."""
    start = Situation(Link(0.001, 1e8, 1e8), 0.02, log_uniform(1e8))
    first = PlanOnce().decide(branchy, start)
    assert first == exit_search(branchy, start.link, 0.02)
    later = Situation(Link(0.001, 1e4, 1e4), 0.02, log_uniform(1e4), previous=first)
    second = PlanOnce().decide(branchy, later)
    assert second.plan == first.plan
    assert not second.meets_requirement
    gone = Situation(**{**vars(later), "ready": np.arange(len(branchy)) != first.index})
    assert PlanOnce().decide(branchy, gone).plan != first.plan
