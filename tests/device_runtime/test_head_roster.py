"""What heads said, and what follows for plans: a full queue is not a missing worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from device_runtime.head_roster import HeadRoster
from edgent.errors import EdgeBusyError, EdgeTimeoutError, HeadRefusedError
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from edgent.network import Network

PLANS = [Plan("exit1", 0), Plan("exit1", 2), Plan("exit2", 2), Plan("exit2", 8)]
HEAD = "tiny-p02"


class Clock:
    """Seconds that pass when told to."""

    now_s = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    """A clock of its own."""
    return Clock()


@pytest.fixture
def roster(tiny_network: Network, clock: Clock) -> HeadRoster:
    """Nothing known but that device-only plans need no head."""
    return HeadRoster([tiny_network.head_of(plan) for plan in PLANS], clock)


def test_plans_that_share_a_head(tiny_network: Network, roster: HeadRoster) -> None:
    """A cut in the trunk serves both exits: what one learns holds for the other."""
    assert tiny_network.head_of(PLANS[1]) == tiny_network.head_of(PLANS[2]) == HEAD
    assert roster.known().tolist() == [True, False, False, False]
    roster.answered(HEAD)
    assert roster.known().tolist() == [True, True, True, False]


def test_a_full_queue_is_asked_again_at_once(roster: HeadRoster) -> None:
    """A ready head that says busy has to be checked, but is not left alone."""
    roster.answered(HEAD)
    roster.failed(HEAD, EdgeBusyError("no worker, or a full queue"))
    assert not roster.is_ready(HEAD)
    assert roster.hoped_for().all()


def test_a_head_without_workers_is_left_alone_for_a_while(roster: HeadRoster, clock: Clock) -> None:
    """It says busy when it is checked, too; two seconds later it may be asked again."""
    roster.answered(HEAD)
    for _ in range(2):
        roster.failed(HEAD, EdgeBusyError("no worker, or a full queue"))
    assert roster.hoped_for().tolist() == [True, False, False, True]
    clock.now_s += 2.0
    assert roster.hoped_for().all()


def test_a_head_that_stays_away_is_asked_ever_more_rarely(roster: HeadRoster, clock: Clock) -> None:
    """From two seconds to a minute; an answer begins anew. A server may hold few of a pipeline's heads."""
    waits_s = []
    for _ in range(8):
        roster.failed(HEAD, HeadRefusedError("the edge does not know it"))
        failed_s = clock.now_s
        while not roster.hoped_for().all():
            clock.now_s += 1.0
        waits_s.append(clock.now_s - failed_s)
    assert waits_s == [2, 4, 8, 16, 32, 64, 64, 64]
    roster.answered(HEAD)
    roster.failed(HEAD, HeadRefusedError("the edge does not know it"))
    clock.now_s += 2.0
    assert roster.hoped_for().all()


@pytest.mark.parametrize(
    ("error", "is_left_alone"), [(HeadRefusedError("other model"), True), (EdgeTimeoutError("late"), False)]
)
def test_other_failures(roster: HeadRoster, error: HeadRefusedError, is_left_alone: bool) -> None:
    """A head of another model stays one for a while; one that was late may be quick the next time."""
    roster.answered(HEAD)
    roster.failed(HEAD, error)
    assert not roster.is_ready(HEAD)
    assert roster.hoped_for()[1] != is_left_alone


def test_an_answer_forgives(roster: HeadRoster) -> None:
    """Ready again, and not left alone."""
    roster.failed(HEAD, HeadRefusedError("other model"))
    roster.answered(HEAD)
    assert roster.is_ready(HEAD)
    assert roster.hoped_for().all()
