"""Which local exit stands by, and which is run when the moment has come."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.local_exits.local_exits import LocalExits
from device_runtime.local_exits.sessions import Sessions
from edgent.planning.fallback import Fallback, NoFallback
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from edgent.network import Network
    from edgent.planning.stages import Stage

MANY = 200  # runs, so that those made at the start are forgotten


@pytest.fixture
def local_exits(tiny_network: Network) -> LocalExits:
    """Exit 1 takes 10 ms (13 at most), exit 2 20 ms (26 at most), at once or after a wait."""
    local_exits = LocalExits(tiny_network, Sessions(tiny_network))
    for k in range(MANY):
        for name, seconds in (("exit1", 0.01), ("exit2", 0.02)):
            for waited in (True, False):
                local_exits.observe(name, seconds * (1.3 if k % 20 == 0 else 1.0), waited=waited)
    return local_exits


def test_times_hold_the_spread_twice(local_exits: LocalExits) -> None:
    """What 99 % kept to, and as much again above the median: 10 + 3 + 3 ms."""
    times = {local.exit: local.time_s for local in local_exits.times()}
    assert times == {"exit1": pytest.approx(0.016), "exit2": pytest.approx(0.032)}


@pytest.mark.parametrize(
    ("within_s", "wanted", "exit_name"),
    [(0.1, None, "exit2"), (0.1, "exit1", "exit1"), (0.02, None, "exit1"), (0.02, "exit2", "exit1")],
)
def test_who_stands_by(local_exits: LocalExits, within_s: float, wanted: str | None, exit_name: str) -> None:
    """The deepest that fits; a wanted one if it fits."""
    standing_by = local_exits.standing_by(within_s, wanted)
    assert isinstance(standing_by, Fallback)
    assert standing_by.exit == exit_name


def test_none_stands_by_where_none_fits(local_exits: LocalExits) -> None:
    """The quickest is named, for want of a better."""
    standing_by = local_exits.standing_by(0.005)
    assert isinstance(standing_by, NoFallback)
    assert standing_by.quickest.exit == "exit1"


@pytest.mark.parametrize(
    ("left_s", "exit_name"),
    [
        (0.0319, "exit2"),  # just past its latest safe start: it is still the one
        (0.021, "exit2"),  # it usually ends in time
        (0.019, "exit1"),  # the device has overslept: what still fits
        (0.001, "exit1"),  # nothing fits: the quickest
    ],
)
def test_what_runs_when_the_moment_has_come(local_exits: LocalExits, left_s: float, exit_name: str) -> None:
    """The planned exit is not given up because waking up took some microseconds."""
    planned = local_exits.standing_by(0.1)
    assert local_exits.to_run_now(planned, left_s) == exit_name


def test_what_is_left_to_run_is_judged_by_its_own_time(local_exits: LocalExits) -> None:
    """From an activation at hand, where the exit can go on from it; never more than the whole path."""
    plan = Plan("exit2", 5, start=2)
    whole = {local.exit: local.time_s for local in local_exits.times()}
    assert {local.exit: local.time_s for local in local_exits.times(plan)} == whole, "nothing is loaded"
    for rest in local_exits.to_go_on(plan):
        local_exits._sessions.load(rest)
    rests = {local.exit: local.time_s for local in local_exits.times(plan)}
    assert set(rests) == set(whole)
    assert all(rests[name] < whole[name] for name in whole), "a tiny network's layers take microseconds"
    assert local_exits.usually_takes("exit2", plan) < local_exits.usually_takes("exit2")
    left_s = whole["exit2"] / 2
    assert local_exits.to_run_now(local_exits.standing_by(0.1), left_s) == "exit1"
    standing_by = local_exits.standing_by(left_s, at_hand=plan)
    assert isinstance(standing_by, Fallback)
    assert standing_by.exit == local_exits.to_run_now(standing_by, left_s, plan) == "exit2"
    for rest in local_exits.to_go_on(plan):
        local_exits._sessions.times_of(rest).observe(5.0)
        local_exits._sessions.times_of(rest).observe(5.0)
    assert {local.exit: local.time_s for local in local_exits.times(plan)} == whole


def test_runs_are_the_networks(local_exits: LocalExits, tiny_network: Network) -> None:
    """One row of logits for each exit."""
    image = np.zeros((1, *tiny_network.graph.input_shape), np.uint8)
    for name in tiny_network.graph.exit_names:
        assert local_exits.run(name, image).shape == (1, 10)


@pytest.mark.parametrize(("run_s", "runs", "of_pieces"), [(0.001, 2 * 8, 8), (1.0, 2 + 4, 2)])
def test_a_slow_device_is_ready_sooner(
    run_s: float, runs: int, of_pieces: int, tiny_network: Network
) -> None:
    """Eight rounds with and without a wait; where they take long, as many with one as show a spread.

    What runs take while layers are loaded, a second here, tells nothing.
    """
    now_s = 0.0
    ran: list[tuple[str, int, int]] = []

    class SlowSessions(Sessions):
        def run(self, stage: Stage, *arguments: Any) -> Any:
            nonlocal now_s
            now_s += run_s
            ran.append((stage.exit, stage.start, stage.stop))
            return np.zeros((1, 10), np.float32)

    def pause(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds

    sessions = SlowSessions(tiny_network, count().__next__)
    local_exits = LocalExits(tiny_network, sessions, lambda: now_s, pause)
    whole = {(path.exit_name, 0, len(path.layers)) for path in tiny_network.graph.paths}
    assert {ran.count(path) for path in whole} == {runs}
    assert {ran.count(piece) for piece in ran if piece not in whole} == {of_pieces}
    assert [local.time_s for local in local_exits.times()] == pytest.approx([1.05 * run_s, 1.05 * run_s])
    assert [local.at_once_s for local in local_exits.times()] == pytest.approx([1.05 * run_s, 1.05 * run_s])


def test_a_stopped_run_tells_where_the_device_is_slower_now(local_exits: LocalExits) -> None:
    """It would have taken longer still; one that was stopped early tells nothing."""
    known = local_exits.times()
    for _ in range(MANY):
        local_exits.outlasted("exit1", 0.009)
    assert local_exits.times() == known
    for _ in range(MANY // 10):
        local_exits.outlasted("exit1", 0.018)
    assert local_exits.times()[0].time_s == pytest.approx(0.018 + 0.008)
    assert local_exits.times()[1:] == known[1:]


def test_what_only_an_exit_that_stands_by_is_given(local_exits: LocalExits) -> None:
    """A plan that asks no edge waits for none, and is judged by what 99 % of its runs kept to."""
    for _ in range(MANY):
        local_exits.observe("exit1", 0.02, waited=True)
    exit1, exit2 = local_exits.times()
    assert (exit1.time_s, exit1.at_once_s) == (pytest.approx(0.021), pytest.approx(0.013))
    assert (exit2.time_s, exit2.at_once_s) == (pytest.approx(0.032), pytest.approx(0.026))


def test_an_exit_that_hardly_varies_is_given_a_twentieth(local_exits: LocalExits) -> None:
    """Runs that were all made in one go say little of how fast the device is in a minute."""
    for _ in range(MANY):
        local_exits.observe("exit1", 0.01, waited=False)
    assert local_exits.times()[0].at_once_s == pytest.approx(0.0105)


def test_an_exit_is_no_quicker_after_a_wait_than_without(local_exits: LocalExits) -> None:
    """Device-only requests are runs without a wait: a device that has become slower shows in them first."""
    for _ in range(MANY):
        local_exits.observe("exit1", 0.03, waited=False)
    assert local_exits.times()[0].time_s == pytest.approx(0.03 * 1.05)


@pytest.mark.parametrize(
    ("busy_s", "wanted", "exit_name"),
    [(0.0, None, "exit2"), (0.07, None, "exit1"), (0.07, "exit2", "exit1"), (0.05, "exit2", "exit2")],
)
def test_who_stands_by_while_the_device_writes(
    busy_s: float, wanted: str | None, exit_name: str, local_exits: LocalExits
) -> None:
    """Exit 2 has to start 68 ms from now, exit 1 84 ms: neither starts before the frame is written."""
    standing_by = local_exits.standing_by(0.1, wanted, busy_s)
    assert isinstance(standing_by, Fallback)
    assert standing_by.exit == exit_name
    assert standing_by.latest_start_s >= busy_s


def test_the_latest_runs_are_told(local_exits: LocalExits) -> None:
    """Those without a wait, in their order: what calibration begins with."""
    local_exits.observe("exit1", 0.5, waited=True)
    local_exits.observe("exit1", 0.25, waited=False)
    runs_s = local_exits.runs_at_once_s()
    assert set(runs_s) == {"exit1", "exit2"}
    assert runs_s["exit1"][-2:] == (0.01, 0.25)


def test_one_slow_run_makes_no_longer_exit_the_quickest(local_exits: LocalExits) -> None:
    """Where nothing is in time, the exit that usually takes least is run, whatever its worst run took."""
    local_exits.observe("exit1", 1.0, waited=False)
    local_exits.observe("exit1", 1.0, waited=True)
    for _ in range(3):
        local_exits.observe("exit1", 1.0, waited=False)
    planned = local_exits.standing_by(0.005)
    assert isinstance(planned, NoFallback)
    assert planned.quickest.exit == "exit1"
    assert planned.late_by_s == pytest.approx(planned.quickest.time_s - 0.005)
    assert local_exits.to_run_now(planned, 0.001) == "exit1"
