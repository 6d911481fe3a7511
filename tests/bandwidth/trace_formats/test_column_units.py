"""What columns' names say."""

import pytest

from edgent.bandwidth.trace_formats.column_units import direction, is_rate, is_time, rate_unit, time_unit


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("time_ms", "ms"),
        ("t (s)", "s"),
        ("timeUs", "us"),
        ("Seconds", "s"),
        ("Timestamp", None),
        ("items", None),
    ],
)
def test_units_of_time(name: str, unit: str | None) -> None:
    """A whole word of the name, however it is joined."""
    assert time_unit(name) == unit


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("uplink_mbps", "Mbps"),
        ("UL Mbit/s", "Mbps"),
        ("rate(kb/s)", "kbps"),
        ("dlKbps", "kbps"),
        ("BPS", "bps"),
        ("DL_GBPS", "Gbps"),
        ("DL_bitrate", None),
        ("DL MBIT/S", "Mbps"),
        ("MB/s", None),
        ("kBps", None),
        ("DL MB/S", None),
    ],
)
def test_units_of_bandwidth(name: str, unit: str | None) -> None:
    """Bits only: bytes have a capital B; of a name in capitals that may be either no unit is taken."""
    assert rate_unit(name) == unit


def test_what_a_column_is() -> None:
    """Time, bandwidth, direction; a latency is none of them."""
    assert [name for name in ("t", "Timestamp", "ms", "latency_ms", "kbps") if is_time(name)] == [
        "t",
        "Timestamp",
        "ms",
    ]
    assert [name for name in ("DL_bitrate", "kbps", "Speed", "latency_ms") if is_rate(name)] == [
        "DL_bitrate",
        "kbps",
    ]
    assert [direction(name) for name in ("UL_bitrate", "downlinkMbps", "update_kbps")] == ["up", "down", None]
