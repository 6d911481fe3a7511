"""How hot the device is, and whether it is slowed down for that, as Linux tells without a program's help."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SYSTEM = Path("/sys")
_RASPBERRY_PI = "devices/platform/soc/soc:firmware/get_throttled"
_SLOWED_NOW = 0xF
"""Of the Raspberry Pi's bits: under-voltage, capped, throttled, soft temperature limit, each at present."""
_COOLS_BY_SLOWING = ("cpufreq", "thermal-cpufreq", "Processor")
"""What the kernel calls a cooling device that takes cycles; fans are others."""


@dataclass(frozen=True)
class Heat:
    """What the system tells.

    Attributes:
        celsius: temperatures by zone and what the zone is of, such as ``("thermal_zone0", "cpu-thermal")``.
        throttled: whether the processor is slowed down now; None where nobody tells.
    """

    celsius: Mapping[tuple[str, str], float]
    throttled: bool | None


def read_heat(system: Path = SYSTEM) -> Heat:
    """What the system tells now.

    Args:
        system: where Linux shows its devices.
    """
    celsius = {}
    for zone in sorted(system.glob("class/thermal/thermal_zone*")):
        milli = _text(zone / "temp")
        if milli is not None and milli.lstrip("-").isdigit():
            celsius[zone.name, _text(zone / "type") or "unknown"] = int(milli) / 1e3
    said = [*_slowing(system), *_said_by_raspberry_pi(system)]
    return Heat(celsius, any(said) if said else None)


def _slowing(system: Path) -> Iterator[bool]:
    """Whether each cooling device that takes cycles takes some."""
    for device in sorted(system.glob("class/thermal/cooling_device*")):
        state = _text(device / "cur_state")
        if state is not None and (_text(device / "type") or "").startswith(_COOLS_BY_SLOWING):
            yield state != "0"


def _said_by_raspberry_pi(system: Path) -> Iterator[bool]:
    """What the firmware says; nothing on another machine."""
    bits = _text(system / _RASPBERRY_PI)
    if bits is not None:
        try:
            yield bool(int(bits, 16) & _SLOWED_NOW)
        except ValueError:
            return


def _text(file: Path) -> str | None:
    """What a file says; None where it is missing, or its driver does not answer."""
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
