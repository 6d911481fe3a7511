"""Which faults are chosen by name."""

from contextlib import nullcontext

import pytest
import typer

from benchmarks.studies.faults.__main__ import _chosen
from benchmarks.studies.faults.scenarios import Scenario

SCENARIOS = [
    Scenario(phase, name, nullcontext) for phase, name in (("sending", "reset"), ("answering", "stop"))
]


def test_faults_are_chosen_by_phase_or_name() -> None:
    """All of them without a name."""
    assert [scenario.name for scenario in _chosen(SCENARIOS, "answer")] == ["stop"]
    assert _chosen(SCENARIOS, "") == SCENARIOS


def test_a_name_of_no_fault_is_refused_with_those_that_are_there() -> None:
    """A report of no fault would look like one without failures."""
    with pytest.raises(
        typer.BadParameter, match=r"no fault has 'nosuch' in its name: .*sending: reset, answering"
    ):
        _chosen(SCENARIOS, "nosuch")
