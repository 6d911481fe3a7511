"""The page's figures over one axis of time; what their marks mean stands above them as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from bokeh.models import (
    CDSView,
    ColumnDataSource,
    DataRange1d,
    FactorRange,
    FixedTicker,
    GroupFilter,
    HoverTool,
    NoOverlap,
    NumeralTickFormatter,
)
from bokeh.plotting import figure

from edgent.page.columns import BOTH, DEVICE, EDGE, IN_TIME, LATE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Each is told apart by its marker or its line, too; all have a contrast of 3 on white and on black.
_BLUE, _ORANGE, _GREEN, _RED, _PURPLE = "#3b82c4", "#c9791a", "#2a9470", "#d9483b", "#a45fc8"
_HEIGHT_PIXELS = 230
_KBPS = [first * 10.0**power for power in range(8) for first in (1, 2, 5)]
_CLIPPED = ".bk-Canvas { clip-path: inset(-100vh -100vw -100vh 2px); }"
"""Bokeh's first drawing leaves specks in the leftmost pixels, where nothing of a figure is."""
_OF_ANSWER = (("input", "@input"), ("plan", "@plan"), ("answer", "@label"), ("time", "@time_s{0,0.00} s"))


class Mark(NamedTuple):
    """What something in a figure means: a symbol of its form and colour, and words."""

    symbol: str
    colour: str
    words: str


class _Dot(NamedTuple):
    """How answers of one group are drawn."""

    marker: str
    symbol: str
    colour: str
    size: int = 7


_PLACES = {
    BOTH: _Dot("square", "■", _GREEN),
    EDGE: _Dot("triangle", "▲", _BLUE),
    DEVICE: _Dot("circle", "●", _ORANGE),
}
_OUTCOMES = {IN_TIME: _Dot("circle", "●", _BLUE, 5), LATE: _Dot("x", "✕", _RED, 9)}


@dataclass(frozen=True, eq=False)
class Chart:
    """A figure and what is written above it.

    Attributes:
        title: what it shows.
        marks: what it is drawn with.
        plot: the figure; its name is the title.
    """

    title: str
    marks: tuple[Mark, ...]
    plot: figure


def latency_chart(source: ColumnDataSource, times: DataRange1d, x_label: str) -> Chart:
    """Latencies against what was asked for, and what the planner expected."""
    plot = _figure("latency", "latency in ms", times, x_label, y_range=DataRange1d(start=0))
    dots = _dots(plot, source, "latency_ms", "outcome", _OUTCOMES)
    plot.line("time_s", "predicted_ms", source=source, color=_PURPLE, width=2, line_dash="dashed")
    plot.step("time_s", "requirement_ms", source=source, mode="after", color=_RED, width=2)
    _tell(plot, dots, ("latency", "@latency_ms{0.0} of @requirement_ms{0.0} ms"), *_OF_ANSWER)
    marks = (
        *(Mark(dot.symbol, dot.colour, outcome) for outcome, dot in _OUTCOMES.items()),
        Mark("━", _RED, "requirement"),
        Mark("╍", _PURPLE, "predicted"),
    )
    return Chart("latency", marks, plot)


def bandwidth_chart(source: ColumnDataSource, edge: str, times: DataRange1d, x_label: str) -> Chart:
    """Bandwidths up and down, each with the band that four of five transfers are expected in."""
    title, lines, marks = f"bandwidth of {edge}", [], []
    plot = _figure(title, "bandwidth in kbps", times, x_label, y_axis_type="log")
    plot.yaxis.ticker = FixedTicker(ticks=_KBPS)
    for way, colour, dash, symbol in (("upload", _BLUE, "solid", "━"), ("download", _ORANGE, "dashed", "╍")):
        columns = (f"{way}_low_kbps", f"{way}_high_kbps")
        plot.varea("time_s", *columns, source=source, color=colour, alpha=0.25)
        lines.append(
            plot.line("time_s", f"{way}_mean_kbps", source=source, color=colour, width=2, line_dash=dash)
        )
        marks += [Mark(symbol, colour, way), Mark("▒", colour, f"four of five {way}s")]
    tips = (
        (way, f"@{way}_mean_kbps{{0,0}} kbps (@{way}_low_kbps{{0,0}} to @{way}_high_kbps{{0,0}})")
        for way in ("upload", "download")
    )
    _tell(plot, lines[:1], *tips, _OF_ANSWER[-1])
    return Chart(title, tuple(marks), plot)


def exit_chart(source: ColumnDataSource, exits: Sequence[str], times: DataRange1d, x_label: str) -> Chart:
    """Which exit answered, and who ran its layers."""
    title = "exits and plans"
    plot = _figure(title, "exit", times, x_label, y_range=FactorRange(factors=list(exits)))
    _tell(plot, _dots(plot, source, "exit", "place", _PLACES), ("exit", "@exit"), *_OF_ANSWER)
    marks = (Mark(dot.symbol, dot.colour, f"by {place}") for place, dot in _PLACES.items())
    return Chart(title, tuple(marks), plot)


def accuracy_chart(source: ColumnDataSource, measure: str, times: DataRange1d, x_label: str) -> Chart:
    """What the plans promised, answer by answer."""
    title = f"promised {measure}"
    plot = _figure(title, f"{measure} in %", times, x_label)
    line = plot.step("time_s", "accuracy_percent", source=source, mode="after", color=_GREEN, width=2)
    _tell(plot, [line], (title, "@accuracy_percent{0.0} %"), *_OF_ANSWER)
    return Chart(title, (Mark("━", _GREEN, f"{measure} of such answers on held-out data"),), plot)


def _figure(name: str, y_label: str, times: DataRange1d, x_label: str, **options: Any) -> figure:
    plot = figure(
        name=name,
        height=_HEIGHT_PIXELS,
        sizing_mode="stretch_width",
        x_range=times,
        x_axis_label=x_label,
        y_axis_label=y_label,
        tools="pan,box_zoom,reset,save",
        toolbar_location="right",
        stylesheets=[_CLIPPED],
        **options,
    )
    numbers = NumeralTickFormatter(format="0,0.[00]")
    plot.xaxis.formatter = numbers
    if not isinstance(plot.y_range, FactorRange):
        plot.yaxis.formatter = numbers
    plot.axis.major_label_policy = NoOverlap()  # bandwidths of six decades have 18 labels
    plot.toolbar.autohide = True
    plot.toolbar.logo = None
    return plot


def _dots(plot: figure, source: ColumnDataSource, y: str, column: str, dots: Mapping[str, _Dot]) -> list[Any]:
    """Draw a dot for each answer, by what one of its columns says of it."""
    return [
        plot.scatter(
            "time_s",
            y,
            source=source,
            view=CDSView(filter=GroupFilter(column_name=column, group=group)),
            marker=dot.marker,
            color=dot.colour,
            size=dot.size,
        )
        for group, dot in dots.items()
    ]


def _tell(plot: figure, glyphs: Sequence[Any], *tips: tuple[str, str]) -> None:
    """Have what is under the pointer told."""
    plot.add_tools(HoverTool(renderers=list(glyphs), tooltips=list(tips)))
