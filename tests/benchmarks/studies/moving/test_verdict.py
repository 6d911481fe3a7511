"""Whether a run can be used: the control, and how fast the machine was."""

from dataclasses import replace

import pytest

from benchmarks.studies.moving.measure import Watched
from benchmarks.studies.moving.verdict import checks, unusable
from benchmarks.studies.workload.methods import AGAIN, LOCAL_EXIT, OURS
from tests.benchmarks.studies.moving.test_moving import answered

WHOLE = "exit6:p0"


@pytest.fixture
def watched() -> list[Watched]:
    """On each of three traces the whole network twice, another exit and ours; one photo is lost."""
    return [
        one
        for trace in "abc"
        for one in (
            Watched(trace, LOCAL_EXIT, "exit5:p0", None, [answered(0.08)], 0.001),
            Watched(trace, LOCAL_EXIT, WHOLE, None, [answered(0.2), None], 0.001),
            Watched(trace, OURS, "", 0.1, [answered(0.05)], 0.001),
            Watched(trace, AGAIN, WHOLE, None, [answered(0.202)], 0.001),
        )
    ]


def test_a_control_that_agrees(watched: list[Watched]) -> None:
    """It is compared with the same plan alone, on each trace."""
    assert unusable(watched) == []
    control, speed = checks(watched)
    assert "takes 1.010 times as long as before in the median of 3 traces, 1.010 to 1.010 on" in control
    assert speed == "The machine was over 10% faster or slower than usual 0 of 12 times that a trace was run."


@pytest.mark.parametrize(("traces", "refusals"), [("a", 0), ("ab", 1)])
def test_a_control_that_differs(watched: list[Watched], traces: str, refusals: int) -> None:
    """On one trace of three it may: the median counts."""
    slower = [
        replace(one, answers=[answered(0.21)]) if one.method == AGAIN and one.trace in traces else one
        for one in watched
    ]
    assert len(unusable(slower)) == refusals
    assert all("the control differs by more than 2%" in said for said in unusable(slower))


def test_a_machine_that_was_slower_for_a_while(watched: list[Watched]) -> None:
    """What was measured then is named."""
    slower = [
        replace(one, speed_s=0.0012) if one.method == OURS and one.trace == "b" else one for one in watched
    ]
    assert checks(slower)[1] == (
        "The machine was over 10% faster or slower than usual 1 of 12 times that a trace was run: ours on b. "
        "What was measured then says less."
    )
