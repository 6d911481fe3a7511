"""Times and bandwidths as people read them."""

import math


def milliseconds(seconds: float) -> str:
    """Three digits or so, with the unit: ``0.082 ms``, ``31.4 ms``, ``1,240 ms``."""
    return f"{milliseconds_number(seconds)} ms"


def milliseconds_number(seconds: float) -> str:
    """The same without the unit, for a table's column; ``0`` for nothing, ``never`` for infinite."""
    value = 1e3 * seconds
    if math.isinf(value):
        return "never"
    if value == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(value))) if value < 100 else 0
    return f"{value:,.{min(decimals, 3)}f}"


def kbps(bandwidth_bps: float) -> str:
    """``250 kbps``, ``1.5 Mbps``."""
    if bandwidth_bps >= 1e6:
        return f"{bandwidth_bps / 1e6:,.4g} Mbps"
    return f"{bandwidth_bps / 1e3:,.4g} kbps"
