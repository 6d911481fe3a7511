"""Legends that are not cut."""

from dataclasses import replace

import pytest

from benchmarks.studies.workload.answered import Measured
from benchmarks.studies.workload.cells import cells_of
from benchmarks.studies.workload.figures import accuracy_figure, choice_figure
from benchmarks.studies.workload.kinds import FEATURES

KINDS = {"exit6:p24-p45:p24-32ch:float32": FEATURES}


@pytest.mark.parametrize("panels", [1, 2, 3, 4])
def test_a_legend_fits_whatever_the_number_of_panels(measured: Measured, panels: int) -> None:
    """Of requirements in one picture, of devices in the other."""
    (cell,) = cells_of([measured])
    by_requirement = [replace(cell, requirement_s=each) for each in (0.05, 0.1, 0.2, 0.5)[:panels]]
    by_device = [
        replace(cell, condition=replace(cell.condition, slowdown=20.0 * number)) for number in range(panels)
    ]
    for figure in (accuracy_figure(by_requirement), choice_figure(by_device, KINDS)):
        (legend,) = figure.legends
        figure.draw_without_rendering()
        box = legend.get_window_extent()
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
