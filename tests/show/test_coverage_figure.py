"""The picture of coverage."""

import numpy as np

from edgent.replay.coverage import Coverage
from edgent.show.coverage_figure import coverage_figure


def test_only_what_predicted_something_has_a_line() -> None:
    """And the diagonal; a policy that never needed the edge would be an empty line in the legend."""
    some = Coverage.of(np.array([0.05, 0.95]), np.array([False, True]))
    none = Coverage.of(np.array([]), np.array([], dtype=np.bool_))
    (axes,) = coverage_figure({"all plans": some, "hedged": none}).axes
    assert [line.get_label() for line in axes.lines] == ["as predicted", "all plans"]


def test_a_single_point_is_seen_under_the_others() -> None:
    """Marks are hollow and of different sizes, and none is on the frame."""
    one = Coverage.of(np.array([0.0]), np.array([False]))
    (axes,) = coverage_figure({"expected": one, "chance": one, "hedged": one}).axes
    marked = axes.lines[1:]
    assert len({line.get_markersize() for line in marked}) == 3
    assert {line.get_fillstyle() for line in marked} == {"none"}
    assert axes.get_xlim()[0] < 0
    assert axes.get_ylim()[0] < 0
