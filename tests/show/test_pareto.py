"""The front as a table and as a picture."""

import numpy as np

from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.pareto import pareto_front
from edgent.show.pareto_figure import pareto_figure
from edgent.show.pareto_table import pareto_table

LINK = Link(0.001, 1e7, 1e7)


def test_the_table_has_the_ends_of_a_long_front(branchy: CostTable) -> None:
    """The quickest and the slowest of it are among the rows."""
    front = pareto_front(branchy, LINK)
    table = pareto_table(branchy, LINK, front, 3)
    assert [column.header for column in table.columns] == [
        "plan",
        "latency",
        "accuracy",
        "bytes",
        "edge",
        "device",
    ]
    plans = list(table.columns[0].cells)
    assert (plans[0], plans[-1]) == (str(branchy.plans[front[0]]), str(branchy.plans[front[-1]]))
    assert len(plans) == 3
    whole = pareto_table(branchy, LINK, front, 100)
    assert len(list(whole.columns[0].cells)) == len(front)
    assert "picked evenly from the quickest to the slowest" in str(table.caption)
    assert "picked" not in str(whole.caption)


def test_the_picture_has_every_plan_in_each_panel(branchy: CostTable) -> None:
    """Four panels against latency."""
    front = pareto_front(branchy, LINK)
    figure = pareto_figure(branchy, LINK, front)
    assert len(figure.axes) == 4
    for axes in figure.axes:
        assert sum(np.size(line.get_xdata()) for line in axes.lines) == len(front)
        assert axes.get_xlabel() == "latency (ms)"
    size = figure.axes[1]
    assert size.get_ylabel() == "bytes on the link (kB)"
    assert size.get_yscale() == "symlog"
    assert size.get_ylim()[0] < 0, "plans that send nothing are not on the frame"
