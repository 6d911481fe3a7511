"""Times and bandwidths as people read them."""

import math


def milliseconds(seconds: float) -> str:
    """Three digits or so, with the unit: ``0.082 ms``, ``31.4 ms``, ``1,240 ms``."""
    return f"{milliseconds_number(seconds)} ms"


def milliseconds_number(seconds: float) -> str:
    """Milliseconds without the unit, for a table's column; ``0`` for nothing, ``never`` for infinite."""
    value = 1e3 * seconds
    if math.isinf(value):
        return "never"
    if value == 0:
        return "0"
    return f"{value:,.{_decimals(value)}f}"


def milliseconds_at_least(seconds: float) -> str:
    """As `milliseconds` writes it, but rounded up: who asks for what it says asks for no less."""
    step = 10.0 ** _decimals(1e3 * seconds)
    return milliseconds(math.ceil(1e3 * seconds * step) / step / 1e3)


def _decimals(value: float) -> int:
    """Decimals of a number of milliseconds above 0: for three digits, but no more than three."""
    return min(max(0, 2 - math.floor(math.log10(value))), 3) if value < 100 else 0


def three_digits(value: float) -> str:
    """``0.0213``, ``5.2``, ``1,240``."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def kbps(bandwidth_bps: float) -> str:
    """``250 kbps``, ``1.5 Mbps``."""
    if bandwidth_bps >= 1e6:
        return f"{bandwidth_bps / 1e6:,.4g} Mbps"
    return f"{bandwidth_bps / 1e3:,.4g} kbps"
