"""Run names say whose a run is."""

import dataclasses
import os
import subprocess
import sys

import pytest

from benchmarks.testbed.run_name import RunName, process_start


def test_a_name_survives_its_text() -> None:
    """Parsing what is printed gives the same run back."""
    run = RunName.claim()
    assert RunName.parse(str(run)) == run


def test_every_claim_differs() -> None:
    """One process may hold several testbeds."""
    assert RunName.claim() != RunName.claim()


@pytest.mark.parametrize(
    "text", ["", "edge", "edgent-testbed", "edgent-testbed-1-2-3", "edgent-testbed-1-2-3-4x"]
)
def test_other_names_are_nobodys(text: str) -> None:
    """What does not look exactly like a run's name is left alone."""
    assert RunName.parse(text) is None


def test_a_live_owner_keeps_its_run() -> None:
    """This process runs, so its run is no orphan."""
    assert not RunName.claim().is_orphaned


def test_a_later_process_with_the_same_pid_is_not_the_owner() -> None:
    """The start time tells two processes with one PID apart."""
    run = RunName.claim()
    assert dataclasses.replace(run, owner_start=run.owner_start - 1).is_orphaned


def test_owners_in_another_pid_namespace_are_not_judged() -> None:
    """A PID of another container says nothing here."""
    run = RunName.claim()
    assert not dataclasses.replace(run, pid_namespace=run.pid_namespace + 1, owner_start=1).is_orphaned


def test_a_zombie_has_no_start() -> None:
    """A process that ended but was not waited for owns nothing any more."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process_start(child.pid) is None
    child.wait()
