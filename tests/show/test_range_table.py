"""The table over a range of links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.show.range_table import range_table

if TYPE_CHECKING:
    from edgent.planning.cost_table import CostTable


@pytest.mark.parametrize(("requirement_s", "is_late"), [(1.0, False), (1e-6, True)])
def test_a_star_is_explained_where_there_is_one(
    branchy: CostTable, requirement_s: float, is_late: bool
) -> None:
    """Where every plan is in time there is no note."""
    link = Link(0.002, 1e6, 1e6)
    decisions = [[exit_search(branchy, link, requirement_s)]]
    table = range_table(branchy, decisions, [link], [requirement_s])
    [plans] = [list(map(str, column.cells)) for column in table.columns if column.header == "plan"]
    assert plans[0].endswith("*") is is_late
    assert table.caption == ("* nothing answers in time: the fastest plan" if is_late else None)
