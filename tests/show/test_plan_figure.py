"""Maps with legends that name what occurs, and latency against bandwidth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.colors import same_color

from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search, paper_search
from edgent.show.plan_figure import plan_figure
from edgent.show.range_table import round_bandwidths_bps

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

    from edgent.planning.cost_table import CostTable


def _legend(axes: Axes) -> Legend:
    legend = axes.get_legend()
    assert legend is not None
    return legend


def test_three_panels_with_units_and_legends(branchy: CostTable) -> None:
    """The legends name what was chosen somewhere on the map, and no more."""
    figure = plan_figure(branchy, (5e4, 1e7), 1.0, 0.02, 0.002)
    exits, cuts, latency = figure.axes
    names = [[text.get_text() for text in _legend(axes).get_texts()] for axes in figure.axes]
    assert names[0] == ["no plan in time", "exit1", "exit2"]
    assert names[1] == ["no plan in time", "device-only (p = 0)", "edge-only (the whole path)"]
    assert names[2][:2] == ["device-only, exit2", "edge-only, exit2"]
    for axes in (exits, cuts, latency):
        assert axes.get_xlabel() == "bandwidth (kbps)"
    assert latency.get_ylabel() == "predicted latency (ms)"


def test_the_lines_are_the_planner_s(branchy: CostTable) -> None:
    """Device-only is flat; the plan's line is what Algorithm 1 predicts."""
    latency = plan_figure(branchy, (5e4, 1e7), 1.0, 0.02, 0.002).axes[2]
    device_only, _, planned = latency.lines[:3]
    assert np.ptp(device_only.get_ydata()) == 0
    for kbps, latency_ms in np.column_stack([np.asarray(values) for values in planned.get_data()])[::50]:
        decision = exit_search(branchy, Link(0.002, 1e3 * kbps, 1e3 * kbps), 0.02)
        assert latency_ms == pytest.approx(1e3 * decision.latency_s)


def test_the_paper_s_null_leaves_a_gap(branchy: CostTable) -> None:
    """No line where the paper's algorithm answers NULL."""
    latency = plan_figure(branchy, (5e4, 1e7), 1.0, 0.0095, 0.002, paper_search).axes[2]
    planned = next(line for line in latency.lines if same_color(line.get_color(), "tab:red"))
    gaps = np.ma.getmaskarray(np.ma.asarray(planned.get_ydata()))
    assert gaps[0]
    assert not gaps[-1]


def test_the_paper_is_compared_without_codecs(branchy: CostTable) -> None:
    """Edge-only is the fastest of all codecs beside ours, of floats beside the paper's, which is named."""
    ours = plan_figure(branchy, (5e4, 1e7), 1.0, 0.02, 0.002)
    paper = plan_figure(branchy, (5e4, 1e7), 1.0, 0.02, 0.002, paper_search, as_paper=True)
    edge_only = branchy.edge_only & (branchy.exit_index == 1)
    for figure, label, plans in (
        (ours, "edge-only, exit2", edge_only),
        (paper, "edge-only without codecs, exit2", edge_only & branchy.uncompressed),
    ):
        [line] = [line for line in figure.axes[2].lines if line.get_label() == label]
        slowest = branchy.latency_s(Link(0.002, 5e4, 5e4))[plans].min()
        assert np.asarray(line.get_ydata())[0] == pytest.approx(1e3 * slowest)
    assert (ours.get_suptitle(), "paper" in paper.get_suptitle()) == ("", True)


def test_a_figure_without_any_plan_in_time(branchy: CostTable) -> None:
    """Requirements that no plan meets give a map of one colour, and its legend says so."""
    exits = plan_figure(branchy, (5e4, 1e7), 1.0, 0.009, 0.002, lambda *_: None).axes[0]
    legend = exits.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["no plan in time"]


def test_round_bandwidths() -> None:
    """1, 2, 5 in each decade, and the ends."""
    assert round_bandwidths_bps(7e4, 2.5e6) == [7e4, 1e5, 2e5, 5e5, 1e6, 2e6, 2.5e6]
