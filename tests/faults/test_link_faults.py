"""Every fault of the link at every phase of a request: answered, right, and back on the edge afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.studies.faults.measure import Outcome, run_trial, sweep, sweep_places
from benchmarks.studies.faults.scenarios import link_scenarios

if TYPE_CHECKING:
    from benchmarks.studies.faults.measure import Subject
    from benchmarks.testbed.edge.edge_under_test import EdgeUnderTest
    from benchmarks.testbed.faults.faulty_link import FaultyLink

pytestmark = pytest.mark.torchserve
REQUESTS = 12
HARMLESS = {"http": {"twice", "slow close"}, "grpc": {"slow close"}}  # the answer is whole all the same
# Over gRPC doubled bytes end the connection, before the answer is through or after. A request that comes
# twice on an HTTP connection may be lost inside TorchServe (test_pipelining.py), whose head is then silent.
UNCERTAIN = {("grpc", "sending", "twice"), ("grpc", "receiving", "twice"), ("http", "sending", "twice")}
IN_EVERY_RUN = {
    ("connecting", "refuse"),
    ("sending", "stop"),
    ("sending", "twice"),
    ("edge computing", "reset"),
    ("edge computing", "delay 88 ms"),
    ("receiving", "truncate"),
    ("receiving", "corrupt"),
}


class _NoLink:
    """Scenarios are listed before there is a link."""

    def doing(self, fault: object) -> None:
        raise AssertionError("scenarios are listed here, none is done")


NAMES = [(one.phase, one.name) for one in link_scenarios(_NoLink(), 2, 2, 0.08)]  # type: ignore[arg-type]
assert set(NAMES) > IN_EVERY_RUN


@pytest.mark.parametrize(
    ("phase", "name"),
    [pytest.param(*name, marks=() if name in IN_EVERY_RUN else pytest.mark.full) for name in NAMES],
)
def test_every_fault_of_the_link(
    phase: str, name: str, subject: Subject, edge: EdgeUnderTest, link: FaultyLink
) -> None:
    """No exception, no wrong label, and the edge answers again when the fault is over."""
    subject.settle()
    timeline = subject.runtime.infer(subject.images[0], 2.0).timeline
    (scenario,) = [
        one
        for one in link_scenarios(link, timeline.sent_bytes, timeline.received_bytes, subject.requirement_s)
        if (one.phase, one.name) == (phase, name)
    ]
    outcome = run_trial(subject, scenario.harm, REQUESTS)
    assert outcome.raised == 0
    assert outcome.wrong == 0
    assert outcome.back_after_s is not None
    if (edge.interface, phase, name) in UNCERTAIN:
        assert outcome.by_edge + outcome.reasons.total() == REQUESTS
    elif name in HARMLESS[edge.interface]:
        assert outcome.by_edge >= REQUESTS - 2
    else:
        assert outcome.by_edge == 0
        assert outcome.reasons.total() == REQUESTS


@pytest.mark.full
def test_resets_and_truncations_at_bytes_of_a_small_frame(subject: Subject, link: FaultyLink) -> None:
    """Every eleventh byte of request and answer: always answered, never wrong."""
    timeline = subject.runtime.infer(subject.images[0], 2.0).timeline
    faults = sweep_places(timeline.sent_bytes, timeline.received_bytes, 11)
    outcome = Outcome()
    done = list(sweep(subject, link, faults, outcome))
    assert done == faults
    assert outcome.requests == 2 * len(faults)
    assert (outcome.raised, outcome.wrong) == (0, 0)
    assert outcome.by_edge >= len(faults) // 2  # the requests between the faults
