"""The self-test: its arithmetic, and real measurements.

The tolerance of a benchmark is not asked of the real ones: a busy machine may be off by more, and then the
benchmark refuses to run. What is not in force (a rate, a quota, a round trip) is off by half and more.
"""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.testbed.errors import SelfTestError
from benchmarks.testbed.self_test import (
    Check,
    _best,
    payload_bytes,
    require,
    self_test,
    transfer_time_s,
    transfer_times_s,
)
from benchmarks.testbed.testbed import Testbed, TestbedConfig


def in_force(checks: Sequence[Check]) -> bool:
    """Whether every figure is nearer to what it should be than to its double or half."""
    return all(2**-0.5 < check.measured / check.ideal < 2**0.5 for check in checks)


@given(duration_s=st.floats(0.2, 2), rate_bps=st.floats(50e3, 10e6), burst_bytes=st.sampled_from([0, 1600]))
def test_chosen_sizes_take_the_time_asked_for(duration_s: float, rate_bps: float, burst_bytes: int) -> None:
    """Up to the header of a last segment that is not full."""
    size_bytes = payload_bytes(duration_s, rate_bps, burst_bytes)
    assert transfer_time_s(size_bytes, rate_bps, burst_bytes) == pytest.approx(
        duration_s, abs=66 * 8 / rate_bps
    )


def test_what_fits_a_bucket_takes_no_time() -> None:
    """An idle link with a bucket passes one frame at once; a serial line does not."""
    assert transfer_time_s(1448, 50e3, burst_bytes=1600) == 0
    assert transfer_time_s(1448, 50e3) == pytest.approx(1514 * 8 / 50e3)


def test_a_deviation_over_the_tolerance_is_refused_by_name() -> None:
    """The message says what is off, by how much and what to do."""
    checks = [Check("good", "s", 1.0, 1.09), Check("bad", "x", 30.0, 20.0)]
    with pytest.raises(SelfTestError, match=r"bad: 20 x for 30 \(-33%\).*less busy") as refusal:
        require(checks)
    assert "good" not in str(refusal.value)


def test_measuring_ends_with_the_first_good_measurement() -> None:
    """Noise is measured again, after a correction, and a good measurement not."""
    measurements = iter([[Check("a", "s", 1.0, 2.0)], [Check("a", "s", 1.0, 1.05)]])
    corrected: list[list[Check]] = []
    assert _best(lambda: next(measurements), corrected.append) == [Check("a", "s", 1.0, 1.05)]
    assert corrected == [[Check("a", "s", 1.0, 2.0)]]


def test_measuring_gives_up_with_the_least_bad_measurement() -> None:
    """What stays off after all tries is reported as it was at its best."""
    measured = iter([3.0, 1.5, 2.0, 4.0])
    assert _best(lambda: [Check("a", "s", 1.0, next(measured))]) == [Check("a", "s", 1.0, 1.5)]


def test_the_relay_is_what_it_says() -> None:
    """Real transfers up and, at another rate, down, with a round trip added."""
    config = TestbedConfig(rate_bps=2e6, round_trip_s=0.02, kind="relay", down_bps=400e3)
    with Testbed(config) as testbed:
        assert in_force(self_test(testbed, transfers_s=(0.2, 0.4)))


def assert_round_trips_change(config: TestbedConfig) -> None:
    """A transfer that takes next to no time of its own takes half of the round trip."""
    with Testbed(config) as testbed:
        for one_way_s in (0.1, 0.03):
            testbed.set_round_trip(2 * one_way_s)
            idle_s = 2 * one_way_s + 0.05  # the relay is still connecting meanwhile
            taken_s = transfer_times_s(testbed, idle_s, [("up", 100), ("down", 100)])
            assert in_force([Check("a round trip", "s", one_way_s, seconds) for seconds in taken_s])


def test_the_relays_round_trip_changes_while_it_runs() -> None:
    """It becomes longer, and shorter."""
    assert_round_trips_change(TestbedConfig(rate_bps=10e6, kind="relay"))


@pytest.mark.root
@pytest.mark.usefixtures("can_make_namespaces", "can_make_lines")
def test_the_serial_lines_round_trip_changes_while_it_runs() -> None:
    """It becomes longer, and shorter."""
    assert_round_trips_change(TestbedConfig(rate_bps=10e6))


@pytest.mark.root
@pytest.mark.usefixtures("can_make_namespaces")
def test_the_round_trip_of_the_kernels_link_changes_while_it_runs() -> None:
    """Where it was made with one."""
    assert_round_trips_change(TestbedConfig(rate_bps=10e6, round_trip_s=0.02, kind="tbf"))


@pytest.mark.root
@pytest.mark.usefixtures("can_make_namespaces", "can_make_lines", "can_slow_down")
def test_the_serial_line_is_what_it_says() -> None:
    """Real transfers at a rate up and another down, a round trip, and a computation slowed down by thirty."""
    with Testbed(TestbedConfig(rate_bps=1e6, slowdown=30, round_trip_s=0.02, down_bps=4e6)) as testbed:
        assert in_force(self_test(testbed, transfers_s=(0.01, 0.2, 0.4)))


@pytest.mark.root
@pytest.mark.usefixtures("can_make_namespaces")
def test_the_kernels_link_is_what_it_says() -> None:
    """Real transfers up and down through tbf."""
    with Testbed(TestbedConfig(rate_bps=1e6, kind="tbf")) as testbed:
        assert in_force(self_test(testbed, transfers_s=(0.2, 0.4)))


@pytest.mark.root
@pytest.mark.usefixtures("can_make_namespaces", "can_make_lines")
def test_a_wrong_rate_is_noticed() -> None:
    """A link that someone changed behind the testbed's back does not pass."""
    with Testbed(TestbedConfig(rate_bps=4e6)) as testbed:
        testbed.set_rate(2e6, 4e6)
        up, down = self_test(testbed, transfers_s=(0.1,))
    assert not in_force([up])
    assert in_force([down])
    assert not up.passed
