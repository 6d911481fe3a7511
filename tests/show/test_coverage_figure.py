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
