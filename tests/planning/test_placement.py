"""Placement: what breaks a rule is never planned, and is counted."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.placement import Placement
from edgent.planning.plan import Plan
from edgent.planning.plan_space import plan_space
from edgent.planning.ruled_out import ruled_out

placements = st.builds(Placement, st.booleans(), st.booleans(), st.booleans())


def _keeps(placement: Placement, plan: Plan, layers: int) -> bool:
    if not plan.remote:
        return True
    sends_input, gives_answer = plan.start == 0, plan.stop == layers
    return not (
        placement.device_only
        or (placement.input_stays and sends_input)
        or (placement.answer_stays and gives_answer)
    )


@settings(max_examples=60, deadline=None)
@given(st.data(), placements)
def test_the_space_has_every_plan_that_keeps_the_rules_and_no_other(
    windowed_networks: st.SearchStrategy[Any], data: st.DataObject, placement: Placement
) -> None:
    """Filtering the whole space one by one gives the same."""
    costs = data.draw(windowed_networks).costs
    everything = list(plan_space(costs))
    kept = list(plan_space(costs, placement))
    assert kept == [one for one in everything if _keeps(placement, one.plan, one.layers)]
    counted = ruled_out(costs, placement)
    assert counted.plans == len(everything)
    if placement.device_only:
        assert counted.by_rule["device_only"] == sum(one.plan.remote for one in everything)
    if placement.input_stays:
        assert counted.by_rule["input_stays"] == sum(
            one.plan.remote and one.plan.start == 0 for one in everything
        )


@pytest.mark.parametrize(
    ("placement", "is_free"), [(Placement(), True), (Placement(True), False), (Placement(False, True), False)]
)
def test_what_is_free(placement: Placement, is_free: bool) -> None:
    """No rule rules nothing out."""
    assert placement.is_free == is_free
