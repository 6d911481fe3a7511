"""What an answer is credited with, and for how long the device was busy with it."""

import pytest

from benchmarks.studies.workload.asking import _busy_s, _credited
from benchmarks.testbed.device.reply import Reply
from edgent.planning.plan import Plan

EARLY = Plan("exit6", 0, leaves_early=True)
SHALLOWER = Plan.device_only("exit3")
BY_EDGE = Plan.parse("exit6:p24-p45:uint8:float32")


@pytest.mark.parametrize(
    ("reply", "credited"),
    [
        (Reply(SHALLOWER, EARLY, 0.1, left_early=True), EARLY),
        (Reply(Plan.device_only("exit6"), EARLY, 0.1), EARLY),
        (Reply(SHALLOWER, EARLY, 0.1), SHALLOWER),
        (Reply(SHALLOWER, EARLY, 0.1, left_early=True, edge_error="late"), SHALLOWER),
        (Reply(SHALLOWER, BY_EDGE, 0.1), SHALLOWER),
    ],
)
def test_what_answered_is_credited(reply: Reply, credited: Plan) -> None:
    """A plan with a rule, where the rule decided; not where the device put a shallower exit in its place."""
    assert _credited(reply) == credited


def test_waiting_for_an_edge_is_no_computing() -> None:
    """Where a local exit stood in, and where the edge answered."""
    assert _busy_s(Reply(SHALLOWER, BY_EDGE, 0.1, stage_s={"RUN_DEVICE": 0.03})) == 0.03
    answered = Reply(BY_EDGE, BY_EDGE, 0.1, network_s=0.05, edge_s=0.02)
    assert _busy_s(answered) == pytest.approx(0.03)
