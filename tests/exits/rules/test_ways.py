"""Every way to an answer, against leaving one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgent.core.exit_rules.rule import leaves_at
from edgent.exits.rules.ways import every_way, kinds, losses


def test_each_choice_of_asked_exits_before_each_stop() -> None:
    """Four exits, the second of which is never asked."""
    ways = every_way(np.array([True, False, True, False]))
    found = [
        (np.flatnonzero(asked).tolist(), stop)
        for asked, stop in zip(ways.asked, ways.stops.tolist(), strict=True)
    ]
    assert found == [([0], 1), ([0], 2), ([0], 3), ([2], 3), ([0, 2], 3)]


def test_without_checked_exits_there_is_no_way() -> None:
    """And so nothing to pass."""
    ways = every_way(np.zeros(3, np.bool_))
    found = kinds(np.ones((3, 5), np.bool_), np.ones((3, 5), np.bool_))
    assert losses(ways, found).shape == (0, 1)


@given(st.data(), st.integers(2, 5))
def test_what_a_way_costs_is_what_leaving_costs(data: st.DataObject, exits: int) -> None:
    """Input by input, with thresholds that are finite at the asked exits alone."""
    seed = data.draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    checked = np.append(random.random(exits - 1) < 0.7, False)
    confidence, scores = random.random((exits, 30)), random.random((exits, 30)) < 0.5
    ways, found = every_way(checked), kinds(confidence > 0.5, scores)
    cost = losses(ways, found)[:, found.of_input]
    for asked, stop, of_way in zip(ways.asked, ways.stops, cost, strict=True):
        thresholds = np.where(asked, 0.5, np.inf)[: stop + 1]
        at = leaves_at(confidence[: stop + 1], thresholds)
        assert (of_way == scores[stop].astype(int) - scores[at, np.arange(30)]).all()
