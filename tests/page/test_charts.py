"""The dots of figures are those that stand above them as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("bokeh")

from bokeh.models import ColumnDataSource, DataRange1d, GroupFilter, NoOverlap, Scatter
from bokeh.models.renderers import GlyphRenderer

from edgent.page.charts import accuracy_chart, bandwidth_chart, exit_chart, latency_chart
from edgent.page.columns import BOTH, DEVICE, EDGE, IN_TIME, LATE, answer_columns
from tests.recorded import ALONE, ANSWER, STARTED_S

if TYPE_CHECKING:
    from edgent.page.charts import Chart


def _dots(chart: Chart) -> dict[str, object]:
    """The colour of each group's dots."""
    found: dict[str, object] = {}
    for renderer in chart.plot.renderers:
        if isinstance(renderer, GlyphRenderer) and isinstance(renderer.glyph, Scatter):
            assert isinstance(renderer.view.filter, GroupFilter)
            found[renderer.view.filter.group] = renderer.glyph.fill_color
    return found


def test_every_group_has_its_dots() -> None:
    """In the colour that the words above the figure have."""
    source = ColumnDataSource(answer_columns([ANSWER, ALONE], STARTED_S, {}))
    latency = latency_chart(source, DataRange1d(), "seconds")
    exits = exit_chart(source, ["exit1", "exit2"], DataRange1d(), "seconds")
    for chart, groups in ((latency, (IN_TIME, LATE)), (exits, (BOTH, EDGE, DEVICE))):
        told = {mark.words.removeprefix("by "): mark.colour for mark in chart.marks}
        assert _dots(chart) == {group: told[group] for group in groups}


def test_labels_of_axes_give_way_to_each_other() -> None:
    """There may be many decades of bandwidth, many exits, or little room."""
    source, times = ColumnDataSource(answer_columns([ANSWER], STARTED_S, {})), DataRange1d()
    charts = (
        latency_chart(source, times, "seconds"),
        bandwidth_chart(source, "hall", times, "seconds"),
        exit_chart(source, ["exit1", "exit2"], times, "seconds"),
        accuracy_chart(source, "accuracy", times, "seconds"),
    )
    policies = [axis.major_label_policy for chart in charts for axis in chart.plot.axis]
    assert len(policies) == 8
    assert all(isinstance(policy, NoOverlap) for policy in policies)
