"""What heads said, and what follows for plans: a full queue is not a missing worker."""

from __future__ import annotations

import pytest

from device_runtime.edges.addresses import Address
from device_runtime.edges.head_roster import HeadRoster
from edgent.core.stay import Stay
from edgent.errors import (
    ColdWindowError,
    EdgeBusyError,
    EdgeError,
    EdgeTimeoutError,
    ExpiredError,
    HeadAbsentError,
    HeadFailedError,
    HeadRefusedError,
    NoWorkerError,
    QueueFullError,
)
from edgent.graph.tensor import Tensor

TAKES = Tensor("image", (3, 8, 8), "uint8")
HEAD = Address("tiny-p02", "0123", b"head", TAKES)
BY_PIPELINE = Address("tiny", "0123", b"window", TAKES)
ANOTHER = Address("tiny", "0123", b"another window", TAKES)


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
def roster(clock: Clock) -> HeadRoster:
    """Nothing known but that device-only plans need no head; two plans share one."""
    return HeadRoster([(), (HEAD,), (HEAD,), (Address("tiny-exit2-p08", "0123", b"", TAKES),)], clock)


@pytest.fixture
def with_pipeline(clock: Clock) -> HeadRoster:
    """A plan with a head of its own that the pipeline serves, too, and one that only the pipeline serves."""
    return HeadRoster([(), (HEAD, BY_PIPELINE), (ANOTHER,)], clock)


def test_plans_that_share_a_head(roster: HeadRoster) -> None:
    """A cut in the trunk serves both exits: what one learns holds for the other."""
    assert roster.known().tolist() == [True, False, False, False]
    roster.answered(HEAD)
    assert roster.known().tolist() == [True, True, True, False]


def test_a_full_queue_is_asked_again_at_once(roster: HeadRoster) -> None:
    """A ready head that says busy has to be checked, but is not left alone."""
    roster.answered(HEAD)
    roster.failed(HEAD, EdgeBusyError("no worker, or a full queue"))
    assert not roster.is_ready((HEAD,))
    assert roster.hoped_for().all()


def test_a_queue_that_is_known_to_be_full_is_asked_in_a_tenth_of_a_second(
    with_pipeline: HeadRoster, clock: Clock
) -> None:
    """It is that of all windows of the endpoint."""
    with_pipeline.answered(BY_PIPELINE)
    with_pipeline.failed(BY_PIPELINE, QueueFullError("its queue is full"))
    assert not with_pipeline.hopeful((BY_PIPELINE, ANOTHER))
    clock.now_s += 0.11
    assert with_pipeline.hopeful((BY_PIPELINE, ANOTHER)) == (BY_PIPELINE, ANOTHER)


def test_a_head_that_is_known_to_have_no_worker_is_left_alone_at_once(
    roster: HeadRoster, clock: Clock
) -> None:
    """It need not say so twice."""
    roster.answered(HEAD)
    roster.failed(HEAD, NoWorkerError("no worker"))
    clock.now_s += 1.9
    assert not roster.hopeful((HEAD,))
    clock.now_s += 0.2
    assert roster.hopeful((HEAD,))


def test_a_request_that_expired_says_that_its_head_is_there(roster: HeadRoster) -> None:
    """A worker of it took the request."""
    roster.failed(HEAD, ExpiredError("computed nothing", Stay(b"edge", 0, 0.0, 0.1)))
    assert roster.is_ready((HEAD,))


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
    assert not roster.is_ready((HEAD,))
    assert roster.hoped_for()[1] != is_left_alone


def test_an_answer_forgives(roster: HeadRoster) -> None:
    """Ready again, and not left alone."""
    roster.failed(HEAD, HeadRefusedError("other model"))
    roster.answered(HEAD)
    assert roster.is_ready((HEAD,))
    assert roster.hoped_for().all()


ABSENT = HeadAbsentError("the edge does not know it")


def test_the_heads_own_endpoint_is_preferred(with_pipeline: HeadRoster) -> None:
    """Either makes the plan ready; its own is asked when it is ready, too."""
    addresses = (HEAD, BY_PIPELINE)
    assert with_pipeline.to_ask(addresses) == HEAD, "nothing is known"
    with_pipeline.answered(BY_PIPELINE)
    assert with_pipeline.known().tolist() == [True, True, False]
    assert with_pipeline.to_ask(addresses) == BY_PIPELINE
    assert with_pipeline.better(addresses) == (HEAD,)
    with_pipeline.answered(HEAD)
    assert with_pipeline.to_ask(addresses) == HEAD
    assert with_pipeline.better(addresses) == ()


@pytest.mark.parametrize("error", [ABSENT, EdgeBusyError("no worker"), HeadRefusedError("another model")])
def test_a_head_that_is_not_there_costs_no_plan_its_edge(
    with_pipeline: HeadRoster, clock: Clock, error: EdgeError
) -> None:
    """The pipeline's endpoint is asked, and the head's own again when it is ready again."""
    addresses = (HEAD, BY_PIPELINE)
    with_pipeline.failed(HEAD, error)
    assert with_pipeline.hoped_for().all()
    assert with_pipeline.to_ask(addresses) == BY_PIPELINE
    with_pipeline.answered(BY_PIPELINE)
    assert with_pipeline.better(addresses) == (), "a moment ago it was not there"
    clock.now_s += 2.0
    assert with_pipeline.better(addresses) == (HEAD,)
    assert with_pipeline.to_ask(addresses) == BY_PIPELINE, "until it says that it is ready"


def test_where_all_are_left_alone_the_first_to_come_back_is_asked(with_pipeline: HeadRoster) -> None:
    """A window that is being loaded is there long before a head that nobody archived."""
    with_pipeline.failed(HEAD, ABSENT)
    with_pipeline.failed(BY_PIPELINE, ColdWindowError("it is being loaded"))
    assert with_pipeline.hopeful((HEAD, BY_PIPELINE)) == ()
    assert with_pipeline.to_ask((HEAD, BY_PIPELINE)) == BY_PIPELINE


def test_a_pipeline_that_is_not_there_is_so_for_all_its_windows(
    with_pipeline: HeadRoster, clock: Clock
) -> None:
    """One of them finds out; one that is loaded there brings them all back."""
    with_pipeline.answered(BY_PIPELINE)
    with_pipeline.failed(ANOTHER, ABSENT)
    assert not with_pipeline.is_ready((BY_PIPELINE,))
    assert with_pipeline.hoped_for().tolist() == [True, True, False]
    with_pipeline.failed(HEAD, ABSENT)
    assert with_pipeline.hoped_for().tolist() == [True, False, False]
    clock.now_s += 2.0
    assert with_pipeline.hoped_for().all()
    with_pipeline.failed(ANOTHER, ABSENT)
    with_pipeline.answered(BY_PIPELINE)
    assert with_pipeline.hoped_for().all()


def test_one_window_that_fails_is_not_the_pipeline(with_pipeline: HeadRoster) -> None:
    """A window that cannot be loaded there, or is refused, leaves the others alone."""
    for error in (HeadFailedError("no memory"), HeadRefusedError("no such window")):
        with_pipeline.answered(BY_PIPELINE)
        with_pipeline.failed(ANOTHER, error)
        assert with_pipeline.is_ready((BY_PIPELINE,))
        assert with_pipeline.hoped_for().tolist() == [True, True, False]


def test_a_cold_window_is_asked_again_in_a_tenth_of_a_second(roster: HeadRoster, clock: Clock) -> None:
    """It is there a moment later; one that stays cold is asked ever more rarely."""
    waits_s = []
    for _ in range(12):
        roster.failed(HEAD, ColdWindowError("is being loaded"))
        failed_s = clock.now_s
        while not roster.hoped_for().all():
            clock.now_s += 0.05
        waits_s.append(clock.now_s - failed_s)
    assert waits_s[:4] == pytest.approx([0.1, 0.2, 0.4, 0.8], abs=0.051)
    assert max(waits_s) == pytest.approx(64, abs=0.051)


def test_a_change_of_endpoint_is_said_once(
    with_pipeline: HeadRoster, caplog: pytest.LogCaptureFixture
) -> None:
    """When it changes, and not with every request."""
    caplog.set_level("INFO", "device_runtime.edges.head_roster")
    with_pipeline.failed(HEAD, ABSENT)
    for _ in range(3):
        with_pipeline.to_ask((HEAD, BY_PIPELINE))
    said = [record.getMessage() for record in caplog.records]
    assert said == ["what tiny-p02 serves is asked of tiny from now on"]


def test_what_failed_is_remembered_until_it_answers(with_pipeline: HeadRoster, clock: Clock) -> None:
    """Of an endpoint, whichever of its windows failed; not where another one is ready in its place."""
    with_pipeline.answered(BY_PIPELINE)
    with_pipeline.failed(BY_PIPELINE, EdgeTimeoutError("silent"))
    clock.now_s += 3600.0
    assert str(with_pipeline.failure_of((ANOTHER,))) == "silent"
    assert str(with_pipeline.failure_of((HEAD, BY_PIPELINE))) == "silent"
    assert with_pipeline.failure_of(()) is None
    with_pipeline.failed(HEAD, HeadAbsentError("has no archive"))
    assert str(with_pipeline.failure_of((HEAD, BY_PIPELINE))) == "silent"
    with_pipeline.answered(HEAD)
    assert with_pipeline.failure_of((HEAD, BY_PIPELINE)) is None
    assert with_pipeline.failure_of((ANOTHER,)) is not None
    with_pipeline.answered(BY_PIPELINE)
    assert with_pipeline.failure_of((ANOTHER,)) is None
