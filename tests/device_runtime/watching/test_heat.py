"""Temperatures and throttling, from a folder that looks like Linux' own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from device_runtime.watching.heat import read_heat

if TYPE_CHECKING:
    from pathlib import Path


def _write(system: Path, **files: str) -> None:
    for name, text in files.items():
        file = system / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="ascii")


def test_nobody_tells(tmp_path: Path) -> None:
    """A machine without zones: neither temperatures nor whether it is throttled."""
    heat = read_heat(tmp_path)
    assert heat.celsius == {}
    assert heat.throttled is None


def test_zones(tmp_path: Path) -> None:
    """By number and type; one that cannot be read now is left out."""
    zones = "class/thermal/thermal_zone"
    _write(tmp_path, **{f"{zones}0/type": "cpu-thermal\n", f"{zones}0/temp": "48312\n"})
    _write(tmp_path, **{f"{zones}1/type": "outside\n", f"{zones}1/temp": "-5500\n"})
    _write(tmp_path, **{f"{zones}2/type": "asleep\n", f"{zones}2/temp": "\n"})
    assert read_heat(tmp_path).celsius == {
        ("thermal_zone0", "cpu-thermal"): 48.312,
        ("thermal_zone1", "outside"): -5.5,
    }


@pytest.mark.parametrize(
    ("kind", "state", "throttled"),
    [
        ("cpufreq-cpu0", "0", False),
        ("cpufreq-cpu0", "3", True),
        ("thermal-cpufreq-0", "1", True),
        ("Processor", "2", True),
        ("pwm-fan", "4", None),
    ],
)
def test_cooling_that_takes_cycles(tmp_path: Path, kind: str, state: str, throttled: bool | None) -> None:
    """A fan at full speed slows nobody down."""
    device = "class/thermal/cooling_device0"
    _write(tmp_path, **{f"{device}/type": f"{kind}\n", f"{device}/cur_state": f"{state}\n"})
    assert read_heat(tmp_path).throttled is throttled


@pytest.mark.parametrize(
    ("bits", "throttled"), [("0", False), ("50005", True), ("50000", False), ("8", True), ("what?", None)]
)
def test_a_raspberry_pi(tmp_path: Path, bits: str, throttled: bool | None) -> None:
    """Its firmware's bits: what is so now counts, what was so once since it started does not."""
    _write(tmp_path, **{"devices/platform/soc/soc:firmware/get_throttled": f"{bits}\n"})
    assert read_heat(tmp_path).throttled is throttled
