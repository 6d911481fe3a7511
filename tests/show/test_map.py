"""A configuration map as a table and as a figure."""

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from edgent.bandwidth.bandwidth_state import BandwidthState
from edgent.bandwidth.change_point import ChangePointPrior
from edgent.generated_file import Provenance
from edgent.planning.paper.configuration_map import ConfigurationMap, MapEntry
from edgent.planning.plan import Plan
from edgent.show.map_figure import map_figure
from edgent.show.map_table import map_table
from edgent.show.requirement_runs import requirement_runs

LOCAL, REMOTE = MapEntry(Plan("exit1", 0), 2.1, 0.01), MapEntry(Plan("exit2", 12), 2.3, 0.02)
STATES = tuple(BandwidthState(bps, 0.1, 0.5, (bps, bps), (0.5, 0.5)) for bps in (1e5, 1e6))
MAP = ConfigurationMap(
    STATES,
    (0.05, 0.1, 0.2),
    ((LOCAL, REMOTE, REMOTE), (REMOTE, REMOTE, REMOTE)),
    ChangePointPrior(),
    Provenance("0" * 64, "edgent map", "2026-01-01", {}, {}),
)
ONE_PLAN = replace(MAP, entries=((LOCAL,) * 3,) * 2)


def test_requirements_that_come_to_the_same_are_one_run() -> None:
    """Neighbours only."""
    runs = list(requirement_runs((0.05, 0.1, 0.2, 0.5), ("a", "b", "b", "a")))
    assert runs == [("50 ms", "a"), ("100 to 200 ms", "b"), ("500 ms", "a")]


def test_the_table_fits_eighty_columns() -> None:
    """A row for each run of requirements; the state is said once."""
    console = Console(width=80, file=io.StringIO())
    console.print(map_table(MAP, "title"))
    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO above
    rows = [line.split() for line in text.splitlines() if "exit" in line]
    assert rows == [
        ["100", "10%", "50%", "50", "ms", "exit1:p0", "2.1"],
        ["100", "to", "200", "ms", "exit2:p12", "2.3"],
        ["1,000", "10%", "50%", "50", "to", "200", "ms", "exit2:p12", "2.3"],
    ]


@pytest.mark.parametrize(
    ("drawn", "labels"),
    [(MAP, ["50 ms", "100 ms\n200 ms"]), (ONE_PLAN, ["50 ms\n100 ms\n200 ms"])],
)
def test_partition_points_are_whole_numbers(drawn: ConfigurationMap, labels: list[str]) -> None:
    """Requirements with the same plans share a line; ticks stand at points, even where all are 0."""
    figure = map_figure(drawn, ["exit1", "exit2"])
    figure.draw_without_rendering()
    of_exit, of_point, _ = figure.axes
    assert [line.get_label() for line in of_exit.lines] == labels
    low, high = of_point.get_ylim()
    ticks = [tick for tick in of_point.get_yticks() if low <= tick <= high]
    assert all(tick == int(tick) >= 0 for tick in ticks)
    points = [entry.plan.stop for row in drawn.entries for entry in row]
    assert high > max(points) >= min(points) > low
    for line in of_point.lines:
        drawn_at = np.asarray(line.get_ydata(), dtype=float)
        assert np.abs(drawn_at - drawn_at.round()).max() < 0.2
