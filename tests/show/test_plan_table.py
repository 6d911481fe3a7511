"""The table of plans in one situation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.ranking import best_to_show, ranking
from edgent.show.plan_table import plan_table

if TYPE_CHECKING:
    from edgent.planning.cost_table import CostTable


@pytest.mark.parametrize(
    ("measure", "gained"), [("accuracy", "1 points more accurate"), ("cosine", "1 points more cosine")]
)
def test_scores_stand_under_their_measure(branchy: CostTable, measure: str, gained: str) -> None:
    """The heading of the column, and what a better plan gains."""
    costs, link = replace(branchy, measure=measure), Link(0.002, 1e6, 1e6)
    order = ranking(costs, link, 1.0, None)
    table = plan_table(costs, link, 1.0, best_to_show(costs, order, 40, exit_search(costs, link, 1.0)))
    [scores] = [column for column in table.columns if column.header == measure]
    assert "0.8200" in list(scores.cells)
    assert any(gained in str(cell) for cell in table.columns[-1].cells)
