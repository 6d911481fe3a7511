"""The schedule of probes, on a clock of its own."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_runtime.link.probing import ProbeSchedule
from edgent.planning.link import Link


class Clock:
    """Seconds that pass when told to."""

    now_s = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now_s


@given(
    steps_s=st.lists(st.floats(0.001, 3.0), min_size=20, max_size=200),
    budget=st.floats(500, 50_000),
    upload_bps=st.floats(1e3, 1e9),
)
def test_probes_keep_to_their_budget(steps_s: list[float], budget: float, upload_bps: float) -> None:
    """However often it is asked: what was sent is within the budget, plus the full bucket at the start."""
    clock = Clock()
    schedule = ProbeSchedule(budget, clock)
    spent_bytes = 0
    for step_s in steps_s:
        clock.now_s += step_s
        probe = schedule.due(Link(0.01, upload_bps, 1e6))
        spent_bytes += sum(probe) - 4 * bool(probe[1]) + 700 if probe else 0
        assert spent_bytes <= budget * (clock.now_s + 2.0) + 1e-6


@pytest.mark.parametrize("upload_bps", [2e4, 1e6, 5e6, 1e8])
def test_a_probe_is_due_every_second_at_the_default_budget(upload_bps: float) -> None:
    """With 4096 bytes a second, a link that came back is measured again and again."""
    clock = Clock()
    schedule = ProbeSchedule(4096.0, clock)
    times_s = []
    while clock.now_s < 60:
        clock.now_s += 0.02
        if schedule.due(Link(0.01, upload_bps, upload_bps)):
            times_s.append(clock.now_s)
    gaps_s = [later - earlier for earlier, later in itertools.pairwise(times_s)]
    assert max(gaps_s) <= 1.05


def test_a_faster_link_gets_longer_probes() -> None:
    """Long enough to tell the bandwidth, as far as the budget goes."""
    probes = [ProbeSchedule(1e5, Clock()).due(Link(0.01, bps, 1e6)) for bps in (1e4, 1e6, 1e7)]
    sizes = [probe[0] for probe in probes if probe]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[1] < sizes[2]


def test_probes_are_long_up_and_down_in_turn() -> None:
    """Each long enough for its own direction."""
    clock = Clock()
    schedule, probes = ProbeSchedule(1e5, clock), []
    for _ in range(4):
        clock.now_s += 1.0
        probes.append(schedule.due(Link(0.01, 1e6, 4e6)))
    assert probes == [(2500, 0), (4, 10000)] * 2
