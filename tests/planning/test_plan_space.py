"""The plan space, against writing down every plan one by one."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.planning.costs import ExitCosts


def _loses(exit_: ExitCosts, source: str, activation: str, point: int) -> float:
    """What a pair of codecs takes from an exit at a cut; not a number where nobody knows."""
    pair = "jpeg" if source == "jpeg" else "raw", activation
    known = np.broadcast_to(exit_.accuracy.get(pair, math.nan), exit_.layers + 1)
    return float(exit_.accuracy["raw", "float32"]) - float(known[point])


def _every_plan(exit_: ExitCosts) -> Iterator[tuple[Plan, float]]:
    """Each plan of an exit that asks the edge, and its accuracy."""
    windows = itertools.combinations(range(exit_.layers + 1), 2)
    for (start, stop), down in itertools.product(windows, ("float32", "uint8")):
        if stop == exit_.layers and down != "float32":
            continue
        for up in ("raw", "webp", "jpeg") if start == 0 else ("float32", "uint8"):
            if start == 0:
                lost = _loses(exit_, up, down, stop)
            else:
                lost = _loses(exit_, "raw", up, start) + _loses(exit_, "raw", down, stop)
            if not math.isnan(lost):
                accuracy = max(0.0, float(exit_.accuracy["raw", "float32"]) - lost)
                yield Plan(exit_.exit, stop, up, down, start), accuracy


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_every_plan_has_the_accuracy_of_its_own_cuts(
    data: st.DataObject, windowed_networks: st.SearchStrategy[Any]
) -> None:
    """What two lossy crossings lose, each at its own cut, is added up; unknown losses make no plan."""
    network = data.draw(windowed_networks)
    table = network.candidates
    expected = dict(itertools.chain.from_iterable(map(_every_plan, network.exits)))
    found = {
        plan: accuracy for plan, accuracy in zip(table.plans, table.accuracy, strict=True) if plan.remote
    }
    assert found == expected
