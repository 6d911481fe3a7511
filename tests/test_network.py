"""A declared network: spec and graph together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.errors import PlanError
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from edgent.network import Network


def test_the_head_of_a_plan(tiny_network: Network) -> None:
    """In the trunk the exits share it, in a branch each has its own; codecs do not matter."""
    assert tiny_network.head_of(Plan("exit1", 3)) == tiny_network.head_of(Plan("exit2", 3)) == "tiny-p03"
    assert tiny_network.head_of(Plan("exit1", 6, "webp", "uint8")) == "tiny-exit1-p06"
    assert tiny_network.head_of(Plan("exit2", 6)) == "tiny-exit2-p06"


def test_a_device_only_plan_has_no_head(tiny_network: Network) -> None:
    """Nothing is asked of an edge."""
    assert tiny_network.head_of(Plan("exit1", 0)) is None


@pytest.mark.parametrize(
    ("plan", "problem"), [(Plan("exit9", 3), "no exit 'exit9'"), (Plan("exit1", 99), "no partition point 99")]
)
def test_a_plan_of_another_network(tiny_network: Network, plan: Plan, problem: str) -> None:
    """Said with what there is."""
    with pytest.raises(PlanError, match=problem):
        tiny_network.head_of(plan)
