"""Numbers at the ticks of a logarithmic axis as people write them: 1,000, not 10^3."""

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogFormatter


class _PlainLogFormatter(LogFormatter):
    """Labels the ticks that matplotlib would label, decades and, on a short axis, some between."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return plain(x) if super().__call__(x, pos) else ""


def plain_log_ticks(axis: Axis) -> None:
    """Write plain numbers at an axis' ticks; its scale has to be logarithmic already."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    axis.set_minor_formatter(_PlainLogFormatter(labelOnlyBase=False, minor_thresholds=(1, 0.4)))


def leave_out_overlaps(figure: Figure, axis: Axis) -> None:
    """Leave out labels between decades that would lie on others; the figure has to be in its final size."""
    figure.draw_without_rendering()
    taken = [label.get_window_extent() for label in axis.get_ticklabels() if label.get_text()]
    kept: set[str] = set()
    for label in axis.get_ticklabels(minor=True):
        box = label.get_window_extent()
        if label.get_text() and not any(box.overlaps(other) for other in taken):
            taken.append(box)
            kept.add(label.get_text())
    axis.set_minor_formatter(FuncFormatter(lambda value, _: plain(value) if plain(value) in kept else ""))


def plain(value: float) -> str:
    """``1,000``, ``0.5``."""
    return f"{value:,.10g}"
