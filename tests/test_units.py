"""Times and bandwidths as text."""

import pytest

from edgent.units import kbps, milliseconds, milliseconds_at_least, three_digits


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


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0031449, "3.15 ms"),
        (0.003, "3.00 ms"),
        (0.00999999, "10.0 ms"),
        (0.0999999, "100 ms"),
        (1.2401, "1,241 ms"),
        (0.00000812, "0.009 ms"),
    ],
)
def test_a_least_time_is_rounded_up(seconds: float, text: str) -> None:
    """Who asks for what is printed asks for enough."""
    assert milliseconds_at_least(seconds) == text
    assert float(text.removesuffix(" ms").replace(",", "")) >= 1e3 * seconds


@pytest.mark.parametrize(
    ("value", "text"), [(0.02134, "0.0213"), (5.2, "5.2"), (99.96, "100"), (1240.4, "1,240"), (0.0, "0")]
)
def test_three_digits(value: float, text: str) -> None:
    """With commas, and never as a power of ten."""
    assert three_digits(value) == text
