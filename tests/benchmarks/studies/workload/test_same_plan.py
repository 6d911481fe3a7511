"""The same plan asked in two ways, in made-up measurements."""

from dataclasses import replace

from benchmarks.studies.workload.answered import Measured
from benchmarks.studies.workload.same_plan import controls
from tests.benchmarks.studies.workload.conftest import ALONE, OWN, answered


def test_plans_that_ours_chose_are_held_against_the_same_ones_given(measured: Measured) -> None:
    """Photo by photo; a local exit that stood in is no such plan."""
    stood_in = replace(answered(0.3, 0.7), plan="exit1:p0")
    given = [answered(latency_s, 0.92) for latency_s in (0.2, 0.1, 0.2)]
    chosen = [answered(0.204, 0.92), answered(0.104, 0.92), stood_in]
    one = replace(measured, answers={**measured.answers, ALONE: given, OWN: chosen})
    assert controls([one])[-1] == (
        "The same plan takes 1.030 times as long where ours chooses it as where it is given, choosing "
        "included, in the median of 2 photos."
    )


def test_where_ours_chose_nothing_that_is_given_nothing_is_said(measured: Measured) -> None:
    """But of the control."""
    (only,) = controls([measured])
    assert only.startswith("Control: device-only under a second name takes 1.010 times as long")
