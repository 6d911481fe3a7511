"""What a policy returns is looked at before it is used."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edgent.bandwidth.last_value import LastValueForecast
from edgent.errors import PluginError
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.policies.decided import decided
from edgent.planning.policies.expected import ExpectedReward
from edgent.planning.situation import Situation

if TYPE_CHECKING:
    from typing import Any

    from edgent.planning.cost_table import CostTable
    from edgent.planning.decision import Decision


class Returns:
    """A policy that decides what it was made with."""

    def __init__(self, returned: Any) -> None:
        self.returned = returned

    def decide(self, table: CostTable, situation: Situation) -> Decision:
        """That."""
        return self.returned  # type: ignore[no-any-return]  # it is none where it is to be wrong


@pytest.fixture
def situation() -> Situation:
    """A link of 1 Mbps, and 50 ms."""
    forecast = LastValueForecast()
    forecast.update(1e6)
    return Situation(Link(0.005, 1e6, 1e6), 0.05, forecast)


def test_a_decision_stays_as_it_is(branchy: CostTable, situation: Situation) -> None:
    """One on a column of the table."""
    expected = ExpectedReward().decide(branchy, situation)
    assert decided(Returns(expected), branchy, situation) is expected


@pytest.mark.parametrize("returned", [None, 3, "exit1:p0"])
def test_what_is_no_decision_is_refused(branchy: CostTable, situation: Situation, returned: object) -> None:
    """The policy and what it returned are named, with what to do."""
    with pytest.raises(
        PluginError, match=rf"test_decided\.Returns returns {returned!r}; .* return a Decision"
    ):
        decided(Returns(returned), branchy, situation)


@pytest.mark.parametrize("index", [-1, 99_999])
def test_a_plan_beyond_the_table_is_refused(branchy: CostTable, situation: Situation, index: int) -> None:
    """A negative index would be counted from the end, and another plan than the policy's replayed."""
    decision = replace(ExpectedReward().decide(branchy, situation), index=index)
    with pytest.raises(PluginError, match=rf"of index {index}; the cost table has plans 0 to \d+$"):
        decided(Returns(decision), branchy, situation)


def test_plan_and_index_have_to_agree(branchy: CostTable, situation: Situation) -> None:
    """A replay counts by the index, a device carries out the plan."""
    decision = replace(ExpectedReward().decide(branchy, situation), plan=Plan("exit9", 99))
    with pytest.raises(
        PluginError, match=r"a Decision for exit9:p99 of index \d+, which in the cost table is exit"
    ):
        decided(Returns(decision), branchy, situation)
