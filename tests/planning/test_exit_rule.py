"""Expected costs under an exit rule: by hand, against the table without one, and never above the worst."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.cost_table import CostTable, build_cost_table
from edgent.planning.costs import CodecCosts, ExitCosts, InnerCosts, NetworkCosts
from edgent.planning.exit_rule import CheckedExit, under_exit_rule
from edgent.planning.link import Link
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from tests.planner_fixtures import Network

_LINK = Link(round_trip_s=0.5, upload_bps=8.0, download_bps=4.0)
_MEASURED = np.ones((4, 4), np.bool_)
_EXIT1 = CheckedExit("exit1", point=1, share=0.25)


@pytest.fixture
def costs() -> NetworkCosts:
    """Exit 1 leaves the trunk of exit 2 after one of three layers. The edge is ten times as quick."""
    seconds = {"exit1": np.array([1.0, 4.0]), "exit2": np.array([1.0, 2.0, 3.0])}
    exits = []
    for name, layers_s in seconds.items():
        done_s = np.array([0.0, *np.cumsum(layers_s)])
        count = len(done_s)
        window_s = np.maximum(done_s[None, :] - done_s[:, None], 0) / 10
        crossing = CodecCosts(np.array([0.0, *[8.0] * (count - 1)]))
        inner = InnerCosts(
            done_s, window_s, _MEASURED[0, :count], _MEASURED[:count, :count], {"float32": crossing}
        )
        accuracy = {("raw", "float32"): 0.9}
        tail_s = done_s[-1] - done_s
        exits.append(ExitCosts(name, accuracy, done_s / 10, tail_s, {"float32": crossing}, inner=inner))
    return NetworkCosts(tuple(exits), {"raw": CodecCosts(100.0)})


def _of(table: CostTable, costs: NetworkCosts, plan: str, slowdown: float = 1.0) -> tuple[float, ...]:
    """Mean and worst latency, and mean bytes up and down."""
    ruled, k = under_exit_rule(table, costs, [_EXIT1], slowdown), table.index_of(Plan.parse(plan))
    latencies = ruled.mean_latency_s(_LINK)[k], ruled.at_worst.latency_s(_LINK)[k]
    return (*latencies, *ruled.size_bytes[:, k].tolist())


def test_on_the_device(costs: NetworkCosts) -> None:
    """All run one layer and the branch of 4 s, three quarters go on for 5 s; the device may be slower."""
    table = build_cost_table(costs)
    assert _of(table, costs, "exit2:p0") == pytest.approx((1 + 4 + 0.75 * 5, 1 + 4 + 5, 0, 0))
    assert _of(table.slowed(3), costs, "exit2:p0", 3) == pytest.approx((3 * 8.75, 3 * 10, 0, 0))
    assert _of(table, costs, "exit1:p0") == pytest.approx((5, 5, 0, 0))  # it answers all the same


def test_before_the_device_sends(costs: NetworkCosts) -> None:
    """What leaves there never crosses the link, nor waits for a round trip."""
    table = build_cost_table(costs, 10, 20)
    up_s, down_s = 8 * (8 + 10) / 8, 8 * (8 + 20) / 4
    rest_s = 0.5 + up_s + 0.2 + 0.3 + down_s
    mean_s, worst_s, up, down = _of(table, costs, "exit2:p1-p3")
    assert (mean_s, worst_s) == pytest.approx((5 + 0.75 * rest_s, 5 + rest_s))
    assert (up, down) == pytest.approx((0.75 * 18, 0.75 * 28))


def test_inside_a_window(costs: NetworkCosts) -> None:
    """The edge answers with the early exit's output, which is written as it is; all have gone up."""
    table = build_cost_table(costs, 10, 20)
    early_bytes, late_bytes = 8 + 20, 8 + 20
    mean_s, worst_s, up, down = _of(table, costs, "exit2:p3")
    up_s = 8 * 110 / 8
    rest_s = 0.2 + 0.3 + 8 * late_bytes / 4
    assert mean_s == pytest.approx(0.5 + up_s + 0.1 + 0.4 + 0.75 * rest_s + 0.25 * 8 * early_bytes / 4)
    assert worst_s == pytest.approx(0.5 + up_s + 0.1 + 0.4 + rest_s)
    assert (up, down) == pytest.approx((110, 0.25 * early_bytes + 0.75 * late_bytes))


def test_after_the_edge_has_answered(costs: NetworkCosts) -> None:
    """An exit behind the window is asked on the device, once the activation is down."""
    later = replace(_EXIT1, point=2)
    longer = replace(
        costs.exits[0],
        head_s=np.array([0, 0.1, 0.3, 0.7]),
        tail_s=np.array([7.0, 6, 4, 0]),
        activation_codecs={"float32": CodecCosts(np.array([0.0, 8.0, 8.0, 8.0]))},
        inner=None,
    )
    costs = replace(costs, exits=(longer, replace(costs.exits[1], inner=None)))
    table = build_cost_table(costs)
    ruled, k = under_exit_rule(table, costs, [later]), table.index_of(Plan.parse("exit2:p1"))
    whole_s = float(table.latency_s(_LINK)[k])
    assert ruled.at_worst.latency_s(_LINK)[k] == pytest.approx(whole_s + 4)
    assert ruled.mean_latency_s(_LINK)[k] == pytest.approx(whole_s + 4 - 0.25 * 3)


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_where_nothing_leaves_the_mean_is_the_worst(
    windowed_networks: st.SearchStrategy[Network], data: st.DataObject
) -> None:
    """Without an exit on the way that is what the table says; a dead link stays dead."""
    network = data.draw(windowed_networks)
    table, first = network.candidates, network.exits[0]
    for exits in ([], [CheckedExit(first.exit, min(1, first.layers - 1), 0.0)]):
        ruled = under_exit_rule(table, network.costs, exits)
        for link in (_LINK, Link(0.5, 0.0, 0.0)):
            worst_s = ruled.at_worst.latency_s(link)
            np.testing.assert_allclose(ruled.mean_latency_s(link), worst_s)
            assert (worst_s >= table.latency_s(link)).all()
            if not exits:
                np.testing.assert_array_equal(worst_s, table.latency_s(link))
