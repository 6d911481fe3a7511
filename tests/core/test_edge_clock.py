"""Which clock a process reads: the same for all processes that read the same one."""

from pathlib import Path

import pytest

from edgent.core.edge_clock import CLOCK, CLOCK_BYTES, NO_CLOCK, clock_id, monotonic_us

OFFSETS = "monotonic           {seconds}         0\nboottime            0         0\n"


def _proc(folder: Path, boot: str, seconds: int | None = 0) -> Path:
    (folder / "sys/kernel/random").mkdir(parents=True, exist_ok=True)
    (folder / "self").mkdir(exist_ok=True)
    (folder / "sys/kernel/random/boot_id").write_text(f"{boot}\n")
    offsets = folder / "self/timens_offsets"
    offsets.unlink(missing_ok=True)
    if seconds is not None:
        offsets.write_text(OFFSETS.format(seconds=seconds))
    return folder


def test_two_processes_of_one_boot(tmp_path: Path) -> None:
    """One clock, in one container or in two: boot and offset are what counts."""
    here, there = _proc(tmp_path / "a", "one"), _proc(tmp_path / "b", "one")
    assert clock_id(here) == clock_id(there)
    assert len(clock_id(here)) == CLOCK_BYTES


@pytest.mark.parametrize(("boot", "seconds"), [("two", 0), ("one", 7), ("one", None)])
def test_another_boot_or_time_namespace(tmp_path: Path, boot: str, seconds: int | None) -> None:
    """Another clock: after a reboot, on another host, or with another offset."""
    assert clock_id(_proc(tmp_path / "a", boot, seconds)) != clock_id(_proc(tmp_path / "b", "one"))


def test_a_system_that_does_not_say(tmp_path: Path) -> None:
    """Each process has a clock of its own, so that no two are mixed up."""
    assert clock_id(tmp_path) != clock_id(tmp_path)
    assert NO_CLOCK not in (clock_id(tmp_path), CLOCK)


def test_microseconds_go_on() -> None:
    """The clock never goes back."""
    first = monotonic_us()
    assert first <= monotonic_us()
