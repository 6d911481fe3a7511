"""What can befall the server, its worker, its token and its archive: answered, right, and back afterwards."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from benchmarks.studies.faults.measure import run_trial
from benchmarks.studies.faults.scenarios import edge_scenarios, wait_for_edge

if TYPE_CHECKING:
    from benchmarks.studies.faults.measure import Subject
    from benchmarks.testbed.edge.edge_under_test import EdgeUnderTest
    from benchmarks.testbed.faults.faulty_link import FaultyLink

pytestmark = pytest.mark.torchserve
REQUESTS = 12

# What answers report meanwhile; the first request may still find the edge at its last.
REPORTED = {
    "worker killed (SIGKILL)": {
        "HeadFailedError",
        "EdgeBusyError",
        "EdgeTimeoutError",
        "EdgeUnreachableError",
    },
    "worker frozen (SIGSTOP)": {"EdgeTimeoutError"},
    "server frozen (SIGSTOP)": {"EdgeTimeoutError"},
    "queue full": {"QueueFullError", "EdgeBusyError", "EdgeTimeoutError"},
    "token expired": {"TokenError", "EdgeUnreachableError"},
    "archive of another model": {"HeadAbsentError", "EdgeTimeoutError", "EdgeUnreachableError"},
    "server killed (SIGKILL)": {"EdgeUnreachableError", "EdgeTimeoutError"},
}
IN_EVERY_RUN = {"worker killed (SIGKILL)", "token expired"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in IN_EVERY_RUN else pytest.mark.full) for name in REPORTED]
)
def test_every_fault_of_the_edge(name: str, subject: Subject, edge: EdgeUnderTest, link: FaultyLink) -> None:
    """No exception, no wrong label, the kind of trouble is named, and the edge answers again."""
    (scenario,) = [one for one in edge_scenarios(edge, link) if one.name == name]
    outcome = run_trial(
        subject,
        scenario.harm,
        REQUESTS,
        again=scenario.again,
        edge_is_back=partial(wait_for_edge, edge) if scenario.outlasts else lambda: None,
    )
    assert (outcome.raised, outcome.wrong, outcome.by_edge) == (0, 0, 0)
    assert set(outcome.reasons) <= REPORTED[name]
    assert outcome.reasons.total() == REQUESTS
    assert outcome.back_after_s is not None


def test_a_rotated_token_is_found_in_the_file(subject: Subject, edge: EdgeUnderTest) -> None:
    """The server has a new key, the file has it too: at most the first request notices."""
    subject.settle()
    outcome = run_trial(subject, edge.wrong_token, 3)
    assert (outcome.raised, outcome.wrong, outcome.by_edge) == (0, 0, 0)
    for image in subject.images[:12]:  # they earn the retry that a new token takes
        assert subject.runtime.infer(image, 2.0).edge_error is None
    edge.rotate_token()
    answer = subject.runtime.infer(subject.images[0], 2.0)
    assert answer.edge_error is None
    assert answer.plan.stop == 2
