"""Figures as the page writes them: rounded, with their units."""

from __future__ import annotations

from html import escape

_LONGEST_NAME = 60


def bandwidth(kbps: float) -> str:
    """A bandwidth with three digits, such as ``640 kbps`` or ``5.12 Mbps``."""
    for unit, kbps_of_it in (("Gbps", 1e6), ("Mbps", 1e3)):
        if kbps >= kbps_of_it:
            return f"{_three_digits(kbps / kbps_of_it)} {unit}"
    return f"{_three_digits(kbps)} kbps"


def milliseconds(ms: float) -> str:
    """A time with three digits, such as ``3.14 ms`` or ``1,250 ms``."""
    return f"{_three_digits(ms)} ms"


def size(size_bytes: float) -> str:
    """A size with three digits, such as ``512 B`` or ``3.2 kB``."""
    for unit, bytes_of_it in (("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= bytes_of_it:
            return f"{_three_digits(size_bytes / bytes_of_it)} {unit}"
    return f"{size_bytes:.0f} B"


def percent(share: float) -> str:
    """A share with one decimal, such as ``87.1 %``."""
    return f"{100 * share:.1f} %"


def text(value: str, longest: int = _LONGEST_NAME) -> str:
    """Text from elsewhere, harmless in HTML, and cut in the middle where it is long."""
    half = longest // 2
    return escape(value if len(value) <= longest else f"{value[:half]}…{value[-half:]}")


def plan(value: str) -> str:
    """A plan, which may be broken between its parts where there is little room."""
    return text(value).replace(":", ":<wbr>")


def _three_digits(value: float) -> str:
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2
    written = f"{value:,.{decimals}f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
