"""Statistics, table and figure of traces."""

import io
import itertools

import numpy as np
import pytest
from rich.console import Console

from edgent.bandwidth.generator import demo_traces
from edgent.bandwidth.trace_file import ReadTrace
from edgent.bandwidth.trace_statistics import trace_sets, trace_statistics
from edgent.bandwidth.traces import BandwidthTrace
from edgent.errors import DataError
from edgent.show.trace_figure import traces_figure
from edgent.show.trace_readings import reading_lines
from edgent.show.trace_table import traces_table

UNEVEN = BandwidthTrace("a/one", np.array([0.0, 9.0]), np.array([9.0, 1.0]), np.array([1e6, 0.0]))


def test_statistics_are_weighted_by_time() -> None:
    """Nine seconds at 1 Mbps and one of outage."""
    figures = trace_statistics([UNEVEN])
    assert (figures.traces, figures.duration_s, figures.interval_s) == (1, 10.0, 5.0)
    assert figures.mean_bps == pytest.approx(0.9e6)
    assert (figures.p5_bps, figures.p50_bps, figures.p95_bps) == (0.0, 1e6, 1e6)
    assert figures.outage_share == pytest.approx(0.1)
    with pytest.raises(DataError, match="no traces"):
        trace_statistics([])


def test_sets_follow_the_names() -> None:
    """The folder is the set."""
    sets = trace_sets([UNEVEN, *demo_traces(2)])
    assert {name: len(members) for name, members in sets.items()} == {"a": 1, "demo": 2}


def test_table_has_a_row_for_each_set() -> None:
    """And the figures of it."""
    console = Console(file=io.StringIO(), width=80)
    console.print(traces_table([UNEVEN, *demo_traces(2)]))
    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO above
    rows = [line.split() for line in text.splitlines()]
    assert ["a", "1", "0.0028", "5.00", "900", "0", "1,000", "1,000", "10.0%"] in rows
    assert [row[:2] for row in rows if row[:1] == ["demo"]] == [["demo", "2"]]


def test_figure_draws_examples_and_distributions() -> None:
    """At most three examples, one distribution for each set, axes with units."""
    figure = traces_figure([UNEVEN, *demo_traces(5)])
    *examples, distribution = figure.axes
    assert [axes.get_title() for axes in examples] == ["a/one", "demo/trace_0"]
    assert [len(axes.lines) for axes in examples] == [1, 1]
    assert [line.get_label() for line in distribution.lines] == ["a (1 trace)", "demo (5 traces)"]
    assert figure.get_suptitle() == "2 of 6 traces over time, and the distribution of all"
    assert np.asarray(distribution.lines[1].get_ydata())[-1] == pytest.approx(1.0)
    for axes in figure.axes:
        assert "(" in axes.get_xlabel()


def test_each_decade_of_a_low_panel_has_its_number() -> None:
    """Three panels share the height of a page; between 10 and 10,000 kbps two more numbers are read."""
    figure = traces_figure(demo_traces(20))
    figure.draw_without_rendering()
    shown = {label.get_text() for label in figure.axes[0].yaxis.get_ticklabels()}
    assert {"10", "100", "1,000", "10,000"} <= shown


BOTH = BandwidthTrace("b/two", np.array([0.0]), np.array([9.0]), np.array([2e6]), np.array([5e6]))


def test_both_directions_have_rows_and_lines_of_their_own() -> None:
    """A set of both kinds has three rows."""
    console = Console(file=io.StringIO(), width=80)
    single = BandwidthTrace("b/one", np.array([0.0]), np.array([9.0]), np.array([7e6]))
    console.print(traces_table([BOTH, single]))
    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO above
    rows = [line.split()[:6] for line in text.splitlines() if line.strip().startswith("b ")]
    assert rows == [
        ["b", "1", "0.0025", "9.00", "7,000", "7,000"],
        ["b", "up", "1", "0.0025", "9.00", "2,000"],
        ["b", "down", "1", "0.0025", "9.00", "5,000"],
    ]
    examples, distribution = traces_figure([BOTH]).axes
    assert [line.get_label() for line in examples.lines] == ["up", "down"]
    assert [line.get_label() for line in distribution.lines] == ["b up (1 trace)", "b down (1 trace)"]


def test_what_is_drawn_of_the_traces_is_said() -> None:
    """All of them, one alone, or the beginning of long ones."""
    assert traces_figure([UNEVEN]).get_suptitle() == "The trace over time, and its distribution"
    long = BandwidthTrace("a/long", np.array([0.0, 900.0]), np.array([900.0, 1.0]), np.array([1e6, 2e6]))
    assert traces_figure([UNEVEN, long]).get_suptitle() == (
        "All traces over time (the first 600 s), and the distribution of all"
    )


def test_labels_of_low_panels_do_not_overlap() -> None:
    """Three panels, each an inch high, over one and a half decades, as those of 3G logs."""
    traces = [
        BandwidthTrace(f"a/{n}", np.arange(2.0), np.ones(2), np.array([120e3, 3300e3])) for n in range(3)
    ]
    figure = traces_figure(traces)
    figure.draw_without_rendering()
    for axes in figure.axes[:3]:
        low, high = axes.get_ylim()
        axis = axes.yaxis
        labels = [
            label.get_window_extent()
            for place, label in zip(
                [*axis.get_majorticklocs(), *axis.get_minorticklocs()],
                [*axis.get_ticklabels(), *axis.get_ticklabels(minor=True)],
                strict=True,
            )
            if label.get_text() and low <= place <= high
        ]
        assert len(labels) >= 3
        assert not any(one.overlaps(other) for one, other in itertools.combinations(labels, 2))


def test_of_many_samples_the_means_are_drawn() -> None:
    """So that a line stays a line: a sample each millisecond, in turn 1 and 3 Mbps."""
    start_s = np.arange(6000) / 1e3
    fast = BandwidthTrace("c/fast", start_s, np.full(6000, 1e-3), np.tile([1e6, 3e6], 3000))
    example = traces_figure([fast]).axes[0]
    assert 100 < len(np.asarray(example.lines[0].get_xdata())) <= 150
    assert np.asarray(example.lines[0].get_ydata()) == pytest.approx(2000.0)


def test_what_was_read_is_said_once_for_each_reading() -> None:
    """Format, units, means of both directions, rows that were left out."""
    lines = reading_lines(
        [
            ReadTrace(UNEVEN, "ucc", "DL_bitrate in kbps", 3),
            ReadTrace(BOTH, "csv", "s, Mbps"),
            ReadTrace(UNEVEN, "ucc", "DL_bitrate in kbps", 4),
            ReadTrace(UNEVEN, "theirs", "", unpaired_samples=2),
        ]
    )
    assert lines == [
        "read: 2 traces as ucc (DL_bitrate in kbps), mean 900 kbps; 7 rows left out",
        "read: 1 trace as csv (s, Mbps), mean 2,000 kbps up, 5,000 kbps down",
        "read: 1 trace as theirs, mean 900 kbps; 2 samples left out where .up or .down is longer",
    ]
