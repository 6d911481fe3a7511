"""The latest safe start of a local exit."""

import math
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgent.errors import PlanError
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import CodecCosts, ExitCosts, InnerCosts, NetworkCosts
from edgent.planning.fallback import (
    DELIVERY_S,
    Fallback,
    LocalExit,
    NoFallback,
    hedged_budget_s,
    latest_safe_start,
    latest_starts_s,
)
from edgent.planning.feature_costs import FeatureCosts
from edgent.planning.plan import Plan
from edgent.planning.stages import Jump
from edgent.planning.table_building import build_cost_table

EXITS = (LocalExit("exit1", 0.75, 0.02), LocalExit("exit2", 0.80, 0.05), LocalExit("exit3", 0.82, 0.09))


@pytest.fixture(scope="module")
def windowed() -> CostTable:
    """A deep exit of four layers whose edge may run the third, and one that shares no layer with it.

    The deep one has a feature codec, whose encoder takes 15 ms behind one layer of 10.
    """

    def exit_costs(name: str, leaves_after: int) -> ExitCosts:
        points = np.arange(5.0)
        device_s = 0.01 * np.triu(np.subtract.outer(-points, -points), 1)
        measured = np.ones((5, 5), dtype=np.bool_)
        floats = CodecCosts([0, 400, 400, 400, 40])
        inner = InnerCosts(device_s, device_s / 10, measured, measured, {"float32": floats})
        accuracy = {("raw", "float32"): 0.8 if leaves_after else 0.6}
        head_s, tail_s = device_s[0] / 10, device_s[:, -1]
        codecs = {"float32": floats}
        jump = Jump("code", reads=1, gives=2, is_up=True)
        features = {"code": FeatureCosts(jump, 40.0, 0.015, 0.001, 0.0)} if leaves_after else {}
        exit_ = ExitCosts(name, accuracy, head_s, tail_s, codecs, inner=inner, features=features)
        return replace(exit_, leaves_after=leaves_after)

    exits = (exit_costs("apart", 0), exit_costs("deep", 4))
    return build_cost_table(NetworkCosts(exits, {"raw": CodecCosts(3000)}))


local_exits = st.lists(
    st.builds(LocalExit, st.text("abc", min_size=1), st.floats(0, 1), st.floats(1e-4, 1.0)),
    min_size=1,
    max_size=5,
)


def test_the_most_accurate_exit_that_fits_is_the_fallback() -> None:
    """Its latest start is the requirement less its time."""
    assert latest_safe_start(EXITS, 0.1) == Fallback("exit3", 0.82, cast("float", pytest.approx(0.01)))
    assert latest_safe_start(EXITS, 0.06) == Fallback("exit2", 0.80, cast("float", pytest.approx(0.01)))


def test_time_that_is_gone_leaves_shallower_exits() -> None:
    """Seen 60 ms after the input, only exit 1 still makes 100 ms."""
    assert latest_safe_start(EXITS, 0.1, elapsed_s=0.06) == Fallback(
        "exit1", 0.75, cast("float", pytest.approx(0.08))
    )


def test_none_fits_is_an_outcome() -> None:
    """The quickest exit is named, and by how much it would be late."""
    assert latest_safe_start(EXITS, 0.015) == NoFallback(EXITS[0], cast("float", pytest.approx(0.005)))


def test_no_local_exits_is_a_mistake() -> None:
    """There is always at least one exit."""
    with pytest.raises(PlanError, match="profile the device"):
        latest_safe_start([], 0.1)


@given(exits=local_exits, requirement=st.floats(1e-3, 2.0), elapsed=st.floats(0, 1.0))
def test_a_fallback_started_at_its_latest_is_in_time_and_none_better_fits(
    exits: list[LocalExit], requirement: float, elapsed: float
) -> None:
    """Against trying every exit."""
    found = latest_safe_start(exits, requirement, elapsed)
    fitting = [local for local in exits if requirement - local.time_s >= elapsed]
    if not fitting:
        assert isinstance(found, NoFallback)
        assert found.quickest.time_s == min(local.time_s for local in exits)
        assert found.late_by_s == pytest.approx(elapsed + found.quickest.time_s - requirement)
    else:
        assert isinstance(found, Fallback)
        assert found.accuracy == max(local.accuracy for local in fitting)
        time_s = requirement - found.latest_start_s
        assert any(
            local.exit == found.exit and local.time_s == pytest.approx(time_s, abs=1e-12) for local in fitting
        )


def test_layers_that_ran_before_the_window_are_not_run_again(windowed: CostTable) -> None:
    """An exit whose path has them starts later by them; one that reads the input must start after them."""
    k = windowed.index_of(Plan("deep", 3, "float32", start=2))
    before_s = float(windowed.before_request_s[k])
    sharing, apart = Fallback("deep", 0.8, 0.05), Fallback("apart", 0.6, 0.05)
    starts_s = latest_starts_s(windowed, [sharing, apart], np.array([k]))[:, 0]
    assert starts_s.tolist() == pytest.approx([0.05 + before_s, 0.05])
    coded = windowed.index_of(Plan("deep", 4, "code", start=2))
    assert windowed.before_request_s[coded] == pytest.approx(0.025)
    starts_s = latest_starts_s(windowed, [sharing, apart], np.array([coded]))[:, 0]
    assert starts_s.tolist() == pytest.approx([0.06, 0.05]), "the layer alone: the encoder is of no use to it"
    too_soon = [replace(fallback, latest_start_s=before_s / 2) for fallback in (sharing, apart)]
    assert latest_starts_s(windowed, too_soon, np.array([k]))[:, 0].tolist() == pytest.approx(
        [1.5 * before_s, -math.inf]
    )


@pytest.mark.parametrize(("starts_s", "until_s"), [(0.05, 0.1 - DELIVERY_S), (0.099, 0.099), (0.2, 0.1)])
def test_a_whole_answer_counts_until_the_local_exits_is_given(
    branchy: CostTable, starts_s: float, until_s: float
) -> None:
    """That is so long before the requirement; an exit that starts later is not there before it starts."""
    budget_s = hedged_budget_s(branchy, starts_s, 0.1)
    assert budget_s[branchy.edge_answers] == pytest.approx(until_s)
    assert (budget_s[~branchy.edge_answers] >= min(starts_s, 0.1)).all()
