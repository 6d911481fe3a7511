"""Bytes against accuracy of all codecs of a pipeline, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from edgent.accuracy.codec_rates import front, narrowing
from edgent.show.label_places import place_labels
from edgent.show.plain_ticks import plain_log_ticks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edgent.accuracy.codec_accuracy import CodecAccuracies
    from edgent.accuracy.codec_rates import CodecRate, Kind

_KINDS: Mapping[Kind, tuple[str, str, str]] = {
    "input": ("o", "#4477aa", "input codecs"),
    "activation": ("x", "0.6", "activation codecs, at each cut"),
    "feature codec": ("s", "#ee6677", "feature codecs"),
    "student": ("D", "#228833", "feature codecs that read the input"),
}


def rate_accuracy_figure(rates: Sequence[CodecRate], accuracies: CodecAccuracies) -> Figure:
    """Every codec at the deepest exit, and those that no other beats as a line.

    Args:
        rates: by rising bytes.
        accuracies: of which the rates were made.
    """
    figure = Figure(figsize=(9, 6), layout="constrained")
    axes, deepest = figure.subplots(), accuracies.exits[-1]
    places = {
        id(rate): (rate.size_bytes, rate.reached[deepest.exit])
        for rate in rates
        if deepest.exit in rate.reached
    }
    axes.axhline(deepest.accuracy, color="0.6", linestyle=":", zorder=0, label="without loss")
    for kind, (marker, colour, label) in _KINDS.items():
        points = [places[id(rate)] for rate in rates if rate.kind == kind and id(rate) in places]
        if points:
            axes.plot(*zip(*points, strict=True), marker, color=colour, label=label)
    best = front(rates, deepest.exit)
    if best:
        line = zip(*(places[id(rate)] for rate in best), strict=True)
        axes.plot(*line, color="0.2", linewidth=0.8, drawstyle="steps-post", zorder=0, label="best as small")
    axes.set(
        xscale="log",
        xlabel="mean bytes of a frame",
        ylabel=f"{accuracies.measure} of {deepest.exit}",
    )
    plain_log_ticks(axes.xaxis)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False, fontsize="small", loc="lower right")
    named = [rate for rate in narrowing(rates) if rate.kind != "activation" or rate in best]
    place_labels(
        figure,
        axes,
        [(places[id(rate)], _name(rate)) for rate in named if id(rate) in places],
        places.values(),
    )
    return figure


def _name(rate: CodecRate) -> str:
    return f"{rate.codec} at {rate.crossing}" if rate.kind == "activation" else rate.codec
