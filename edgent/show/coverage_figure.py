"""Coverage as a picture: what was predicted against what came true."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from edgent.replay.coverage import Coverage

_MARKS = ("o-", "s--", "^-.", "d:", "v-")
_LARGEST = 11.0
"""Size of the first one's marks, in 72nds of an inch; each other's are smaller, so that all are seen."""


def coverage_figure(coverages: Mapping[str, Coverage]) -> Figure:
    """One line for each that predicted something; on the diagonal predictions come true as often as they say.

    Args:
        coverages: by whose plans they are.
    """
    figure = Figure(figsize=(6, 5.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1, label="as predicted")
    for number, (name, one) in enumerate(coverages.items()):
        if not one.count.any():
            continue
        axes.plot(
            one.predicted_share,
            one.late_share,
            _MARKS[number % len(_MARKS)],
            linewidth=1.5,
            markersize=_LARGEST * 0.8**number,
            fillstyle="none",
            label=name,
        )
    axes.set(xlabel="mean P(late) of a tenth of predictions", ylabel="share that was late", title="Coverage")
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="small")
    return figure
