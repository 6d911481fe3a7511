"""The table of plans in one situation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.planning.link import Link
from edgent.planning.objective import Objective
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.ranking import Ranked, best_to_show, ranking
from edgent.show.plan_table import plan_table

if TYPE_CHECKING:
    from rich.table import Table

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


def _columns(table: Table) -> dict[str, list[str]]:
    return {str(column.header): list(map(str, column.cells)) for column in table.columns}


def test_the_mean_that_plans_are_sorted_by_is_shown(branchy: CostTable) -> None:
    """Beside the worst, where inputs may leave early; nowhere else."""
    costs, link, quickest = _with_mean(branchy), Link(0.002, 1e6, 1e6), Objective("latency")
    order = ranking(costs, link, 1.0, None, quickest)
    shown = best_to_show(costs, order, 5, quickest.search(costs, link, 1.0))
    columns = _columns(plan_table(costs, link, 1.0, shown))
    means_ms = [float(mean.replace(",", "")) for mean in columns["mean"][:5]]
    assert means_ms == sorted(means_ms)
    assert columns["mean"] != columns["worst"]
    plain = _columns(plan_table(branchy, link, 1.0, shown))
    assert "mean" not in plain
    assert plain["total"] == columns["worst"]


def _with_mean(costs: CostTable) -> CostTable:
    """Some plans in half the time in the mean."""
    halved = np.where(np.arange(len(costs)) % 2, 0.5, 1.0)
    return replace(costs, mean=replace(costs, seconds=costs.seconds * halved))


def test_signs_are_explained_that_stand_in_the_table(branchy: CostTable) -> None:
    """No other ones."""
    link, k = Link(0.002, 1e6, 1e6), 3
    predicted = replace(branchy, predicted=np.arange(len(branchy)) == k)
    for costs, row, is_explained in ((branchy, k, False), (predicted, k, True), (predicted, k + 1, False)):
        caption = str(plan_table(costs, link, 1.0, [Ranked("next", row)]).caption)
        assert ("~ some" in caption) is is_explained
        assert "from p to p" not in caption
