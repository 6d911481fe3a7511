"""Times and bandwidths as text."""

import pytest

from edgent.units import kbps, milliseconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 ms"),
        (8.2e-5, "0.082 ms"),
        (0.00123, "1.23 ms"),
        (0.0314, "31.4 ms"),
        (0.1, "100 ms"),
        (1.24, "1,240 ms"),
        (float("inf"), "never ms"),
    ],
)
def test_milliseconds(seconds: float, text: str) -> None:
    """Three digits or so."""
    assert milliseconds(seconds) == text


@pytest.mark.parametrize(
    ("bandwidth_bps", "text"), [(5e4, "50 kbps"), (1e6, "1 Mbps"), (1.5e6, "1.5 Mbps"), (2.5e9, "2,500 Mbps")]
)
def test_kbps(bandwidth_bps: float, text: str) -> None:
    """From a million on in Mbps."""
    assert kbps(bandwidth_bps) == text
