"""Measures a testbed before it is used: its link against the ideal, its device's slowness."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.table import Table

from benchmarks.testbed.errors import SelfTestError
from benchmarks.testbed.link.shaped_direction import HEADER_BYTES, SEGMENT_BYTES
from benchmarks.testbed.testbed import Testbed

TOLERANCE = 0.10
"""Largest relative deviation with which the testbed may be used."""
TRANSFERS_S = (0.25, 0.5, 1.0)
"""The sizes sent are those that should take so long."""
_ATTEMPTS = 4


@dataclass(frozen=True)
class Check:
    """One figure of the testbed.

    Attributes:
        unit: `s`, or `x` for a slowdown.
    """

    what: str
    unit: str
    ideal: float
    measured: float

    @property
    def deviation(self) -> float:
        """Relative deviation, above 0 where measured is larger."""
        return self.measured / self.ideal - 1

    @property
    def passed(self) -> bool:
        """Whether it is within the tolerance."""
        return abs(self.deviation) <= TOLERANCE


def self_test(testbed: Testbed, transfers_s: Sequence[float] = TRANSFERS_S) -> list[Check]:
    """Measure the link in both directions and, where the device is slowed down, its CPU.

    A busy machine disturbs single measurements: it is measured again where something is off,
    four times at most.
    """
    checks = _best(lambda: _link(testbed, transfers_s))
    if testbed.config.slowdown > 1:
        checks += _best(lambda: _cpu(testbed), correct=lambda cpu: _correct_slowdown(testbed, cpu))
    return checks


def require(checks: Sequence[Check]) -> None:
    """Refuse to go on with a testbed that is off.

    Raises:
        SelfTestError: A check did not pass.
    """
    failed = [
        f"{check.what}: {check.measured:.3g} {check.unit} for {check.ideal:.3g} ({check.deviation:+.0%})"
        for check in checks
        if not check.passed
    ]
    if failed:
        raise SelfTestError(
            f"the testbed is off by more than {TOLERANCE:.0%}: {'; '.join(failed)}. "
            "Wait until the machine is less busy, or choose a lower rate or slowdown"
        )


def table(checks: Sequence[Check]) -> Table:
    """The checks as a table for people."""
    result = Table("measured", "ideal", "is", "off by", "", title="Self-test of the testbed")
    for check in checks:
        verdict = "[green]ok" if check.passed else "[red]off"
        figures = (f"{check.ideal:.3f} {check.unit}", f"{check.measured:.3f} {check.unit}")
        result.add_row(check.what, *figures, f"{check.deviation:+.1%}", verdict)
    return result


def payload_bytes(duration_s: float, rate_bps: float, burst_bytes: int = 0) -> int:
    """Payload that a link which idled before should carry in this time."""
    on_wire_bytes = duration_s * rate_bps / 8 + burst_bytes
    return max(1, round(on_wire_bytes * SEGMENT_BYTES / (SEGMENT_BYTES + HEADER_BYTES)))


def transfer_time_s(payload: int, rate_bps: float, burst_bytes: int = 0) -> float:
    """Seconds that payload takes: all its segments with their headers, but for what a bucket holds."""
    segments = -(-payload // SEGMENT_BYTES)
    return max(0.0, payload + segments * HEADER_BYTES - burst_bytes) * 8 / rate_bps


def _best(
    measure: Callable[[], list[Check]], correct: Callable[[list[Check]], None] | None = None
) -> list[Check]:
    """Measure until every check passes in one measurement, a few times at most; what was off least."""
    tries: list[list[Check]] = []
    for attempt in range(_ATTEMPTS):
        if attempt and correct:
            correct(tries[-1])
        tries.append(measure())
        if all(check.passed for check in tries[-1]):
            break
    return min(tries, key=lambda checks: max(abs(check.deviation) for check in checks))


def _correct_slowdown(testbed: Testbed, checks: list[Check]) -> None:
    testbed.correct_slowdown(statistics.geometric_mean(check.measured for check in checks))


def _link(testbed: Testbed, transfers_s: Sequence[float]) -> list[Check]:
    rates_bps = dict(zip(("up", "down"), testbed.config.rates_bps, strict=True))
    round_trip_s, burst_bytes = testbed.config.round_trip_s, testbed.config.burst_bytes
    plan = [
        (direction, payload_bytes(duration_s, rate_bps, burst_bytes))
        for direction, rate_bps in rates_bps.items()
        for duration_s in transfers_s
    ]
    # A bucket fills while the link idles; a little longer, for timers are late.
    idle_s = burst_bytes * 8 / min(rates_bps.values()) + round_trip_s + 0.02
    measured_s = transfer_times_s(testbed, idle_s, plan)
    return [
        Check(
            f"{size_bytes:,} B {direction}",
            "s",
            transfer_time_s(size_bytes, rates_bps[direction], burst_bytes) + round_trip_s / 2,
            seconds,
        )
        for (direction, size_bytes), seconds in zip(plan, measured_s, strict=True)
    ]


def transfer_times_s(testbed: Testbed, idle_s: float, transfers: Sequence[tuple[str, int]]) -> list[float]:
    """Seconds of raw TCP transfers, `up` or `down` and of so many bytes, each on a new connection."""
    server = testbed.edge.start("link.probe", "serve", testbed.edge_host)
    try:
        host, port = testbed.edge_address(server.read()["port"])
        wanted = [f"{direction}:{size_bytes}" for direction, size_bytes in transfers]
        device = testbed.device_at_full_speed
        seconds: list[float] = device.measure("link.probe", "measure", host, str(port), str(idle_s), *wanted)
        return seconds
    finally:
        server.end()


def _cpu(testbed: Testbed) -> list[Check]:
    assert testbed.group is not None
    slowdown = testbed.config.slowdown
    folders = map(str, testbed.group.folders)
    measured = testbed.device_at_full_speed.measure("quota.probe", str(slowdown), *folders)
    return [
        Check("CPU, long computations", "x", slowdown, measured["sustained"]),
        Check("CPU, 2 ms after a pause", "x", slowdown, measured["after_a_pause"]),
    ]
