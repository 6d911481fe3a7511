"""What ours chooses, as a picture."""

from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from benchmarks.studies.workload.answered import Measured
from benchmarks.studies.workload.cells import cells_of
from benchmarks.studies.workload.kinds import DEVICE, FEATURES
from benchmarks.studies.workload.plans_picture import plans_picture

KINDS = {"exit6:p24-p45:p24-32ch:float32": FEATURES, "exit6:p0": DEVICE}


def _legend(figure: Figure) -> list[str]:
    (legend,) = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def test_a_legend_has_what_is_drawn_and_nothing_else(measured: Measured) -> None:
    """Kinds that no cell shows are named below the picture; a cell that is missing has a colour, too."""
    (cell,) = cells_of([measured])
    alone = replace(cell, outcomes={**cell.outcomes, "ours": cell.outcomes["device-only"]})
    picture = plans_picture([cell], KINDS)
    assert _legend(picture.figure) == [FEATURES]
    assert picture.note.endswith("No cell is of the kind device-only or edge-only or edge first or window.")
    both = plans_picture([cell, replace(alone, requirement_s=0.2)], KINDS)
    assert _legend(both.figure) == [DEVICE, FEATURES]
    far = replace(cell.condition, round_trip_s=0.04)
    with_hole = plans_picture([cell, replace(alone, requirement_s=0.2, condition=far)], KINDS)
    assert _legend(with_hole.figure) == ["nothing is in time, or not measured", DEVICE, FEATURES]


@pytest.mark.parametrize("panels", [1, 2, 3, 4])
def test_a_legend_fits_whatever_the_number_of_panels(measured: Measured, panels: int) -> None:
    """Of devices."""
    (cell,) = cells_of([measured])
    cells = [
        replace(cell, condition=replace(cell.condition, slowdown=20.0 * number)) for number in range(panels)
    ]
    figure = plans_picture(cells, KINDS).figure
    (legend,) = figure.legends
    figure.draw_without_rendering()
    box = legend.get_window_extent()
    assert figure.bbox.x0 <= box.x0
    assert box.x1 <= figure.bbox.x1
