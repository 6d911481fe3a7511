"""Two sentences for each kind of plan."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.objective import Objective
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.plan import Plan
from edgent.show.explanation import explain

if TYPE_CHECKING:
    from edgent.planning.cost_table import CostTable


@pytest.mark.parametrize(
    ("bandwidth_bps", "requirement_s", "first", "second"),
    [
        (1e7, 1.0, "exit2 is the deepest exit, right 82.0% of the time", "All of it runs on the edge"),
        (5e4, 1.0, "exit2 is the deepest exit", "All of it runs on the device, in 30.0 ms, because the edge"),
        (5e4, 0.02, "exit1, right 75.0% of the time", "All of it runs on the device, in 10.0 ms"),
        (5e4, 0.005, "No plan answers within 5.00 ms on a link of 50 kbps: exit1:p0 is", "All of it runs on"),
    ],
)
def test_exit_then_cut(
    branchy: CostTable, bandwidth_bps: float, requirement_s: float, first: str, second: str
) -> None:
    """What was chosen, what else it would have taken."""
    link = Link(0.002, bandwidth_bps, bandwidth_bps)
    said = explain(branchy, link, requirement_s, exit_search(branchy, link, requirement_s))
    sentences = re.split(r"(?<=\.)\s", said)
    assert len(sentences) == 2
    assert sentences[0].startswith(first)
    assert sentences[1].startswith(second)


def test_what_is_not_accuracy_is_not_called_right(branchy: CostTable) -> None:
    """Scores of another measure are called by its name."""
    link = Link(0.002, 1e7, 1e7)
    agreeing = replace(branchy, measure="agreement")
    said = explain(agreeing, link, 1.0, exit_search(agreeing, link, 1.0))
    assert said.startswith("exit2 is the deepest exit, of agreement 0.8200, and it answers")


def test_the_next_exit_is_named_with_its_time(branchy: CostTable) -> None:
    """Why not deeper: its fastest plan is over the requirement."""
    link = Link(0.002, 5e4, 5e4)
    said = explain(branchy, link, 0.02, exit_search(branchy, link, 0.02))
    assert "exit2 would take 30.0 ms or more" in said


def test_an_exit_that_counts_as_a_shallower_one(branchy: CostTable) -> None:
    """Both are named, and the accuracy is that of the plan, not of the exit as which it counts."""
    link = Link(0.002, 1e7, 1e7)
    k = list(branchy.plans).index(Plan("exit2", 0))
    said_before = "exit2 counts as exit1, as it is no more accurate here, right 82.0% of the time; exit1 is "
    none_deeper = np.zeros_like(branchy.depth)
    some_deeper = np.where(np.arange(len(branchy)) == k, 0, branchy.depth)
    for depth, said_of_exit in (
        (none_deeper, "the deepest exit that counts, and it answers within"),
        (some_deeper, "the deepest exit that answers within"),
    ):
        table = replace(branchy, depth=depth)
        decision = Decision(table.plans[k], float(table.latency_s(link)[k]), True, k, "is chosen")
        assert explain(table, link, 1.0, decision).startswith(said_before + said_of_exit)


def test_a_device_that_works_alone_though_the_edge_is_quicker(branchy: CostTable) -> None:
    """Where the edge's time is to be spared: it is not said that the edge could not have been in time."""
    link = Link(0.002, 1e7, 1e7)
    decision = Objective("edge_seconds").search(branchy, link, 1.0)
    said = explain(branchy, link, 1.0, decision)
    assert "All of it runs on the device, in 30.0 ms; the edge could answer in " in said
    assert "because" not in said.partition("All of it")[2]
