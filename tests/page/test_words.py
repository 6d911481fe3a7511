"""Figures are rounded to three digits and have units; text from elsewhere is harmless."""

import pytest

from edgent.page import words


@pytest.mark.parametrize(
    ("kbps", "written"),
    [(0, "0 kbps"), (9.5, "9.5 kbps"), (640, "640 kbps"), (5120, "5.12 Mbps"), (2.5e6, "2.5 Gbps")],
)
def test_bandwidths(kbps: float, written: str) -> None:
    """In the unit in which they are short."""
    assert words.bandwidth(kbps) == written


@pytest.mark.parametrize(
    ("ms", "written"), [(3.14159, "3.14 ms"), (43.21, "43.2 ms"), (100.0, "100 ms"), (1250.4, "1,250 ms")]
)
def test_times(ms: float, written: str) -> None:
    """In milliseconds, whatever they are."""
    assert words.milliseconds(ms) == written


@pytest.mark.parametrize(
    ("size_bytes", "written"), [(0, "0 B"), (812, "812 B"), (3200, "3.2 kB"), (1.5e6, "1.5 MB")]
)
def test_sizes(size_bytes: float, written: str) -> None:
    """In decimal units."""
    assert words.size(size_bytes) == written


def test_shares() -> None:
    """With one decimal."""
    assert words.percent(0.871) == "87.1 %"


def test_text_is_harmless_and_bounded() -> None:
    """Markup is text, and of what is long begin and end are there."""
    assert words.text('<b title="x">') == "&lt;b title=&quot;x&quot;&gt;"
    assert words.text("a" * 50 + "b" * 50, 10) == "aaaaa…bbbbb"
