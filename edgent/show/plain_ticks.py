"""Numbers at the ticks of a logarithmic axis as people write them: 1,000, not 10^3."""

from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogFormatter


class _PlainLogFormatter(LogFormatter):
    """Labels the ticks that matplotlib would label, decades and, on a short axis, some between."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return plain(x) if super().__call__(x, pos) else ""


def plain_log_ticks(axis: Axis) -> None:
    """Write plain numbers at an axis' ticks; its scale has to be logarithmic already."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    axis.set_minor_formatter(_PlainLogFormatter(labelOnlyBase=False, minor_thresholds=(1, 0.4)))


def plain(value: float) -> str:
    """``1,000``, ``0.5``."""
    return f"{value:,.10g}"
