"""An exception out of another package's code ends in a line that names the package and the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core import registry
from edgent.planning.policies.registry import POLICIES
from edgent.plugin_fault import fault_of_another_package
from edgent.shipped import copy_pipeline
from edgent.spec.edit import write_values

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run
    from tests.package_fixtures import MadeUpPackage

POLICY = """
from edgent.planning.policies.registry import PolicyEntry

class Clumsy:
    def decide(self, table, situation):
        return self._ratio(0)

    def _ratio(self, zero):
        return 1 / zero

class Lacking:
    def decide(self, table, situation):
        import nowhere_to_be_found

CLUMSY = PolicyEntry("divides by zero", lambda setting: Clumsy())
LACKING = PolicyEntry("needs a package that is not there", lambda setting: Lacking())
"""


@pytest.fixture
def clumsy(made_up_package: MadeUpPackage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with two such policies, which is forgotten afterwards."""
    monkeypatch.setattr(registry, "_ADDED", {})
    made_up_package(POLICIES, "clumsy = made_up:CLUMSY\nlacking = made_up:LACKING", POLICY)


def _failing(policy: str) -> Exception:
    made = POLICIES[policy].make(None)  # type: ignore[arg-type]  # it looks at nothing
    with pytest.raises(ZeroDivisionError) as caught:
        made.decide(None, None)  # type: ignore[arg-type]  # the same
    return caught.value


@pytest.mark.usefixtures("clumsy")
def test_the_last_place_of_theirs_is_named(tmp_path: Path) -> None:
    """With the package, what it adds, and what went wrong."""
    fault = fault_of_another_package(_failing("clumsy"))
    assert fault is not None
    place = f"{tmp_path / 'site-packages' / 'made_up.py'}:9, in _ratio"
    assert str(fault).startswith(
        f"package made-up (policy 'clumsy') failed at {place}: ZeroDivisionError: division by zero; "
    )


def test_a_mistake_of_edgents_own_is_none_of_theirs() -> None:
    """It keeps its traceback, for a report."""
    with pytest.raises(ZeroDivisionError) as caught:
        _ = 1 // int(np.zeros(1)[0])
    assert fault_of_another_package(caught.value) is None


@pytest.mark.usefixtures("clumsy")
@pytest.mark.parametrize("jobs", [1, 2])
def test_so_does_a_command_of_several_processes(edgent: Run, jobs: int) -> None:
    """A traceback does not cross from one to the other, so the place is told where it is known."""
    done = edgent("replay", "lenet", "--policies", "clumsy,oracle", "--jobs", jobs, "-vv")
    assert done.code == 2
    assert "error: package made-up (policy 'clumsy') failed at" in done.errors
    assert "in _ratio: ZeroDivisionError" in done.errors
    assert "Traceback" in done.errors


@pytest.mark.usefixtures("clumsy")
@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("clumsy", "division by zero"),
        ("lacking", "No module named 'nowhere_to_be_found'"),
    ],
)
def test_a_command_ends_in_a_line(edgent_device: Run, tmp_path: Path, policy: str, reason: str) -> None:
    """And shows the whole traceback where it is asked to."""
    lenet = copy_pipeline("lenet", tmp_path / "pipelines")
    write_values(lenet, {("bandwidth", "policy"): policy})
    words = ("--pipeline", lenet, "--url", "http://127.0.0.1:9", "--count", 1)
    done = edgent_device(*words)
    assert done.code == 2
    assert f"error: package made-up (policy '{policy}') failed at" in done.errors
    assert reason in done.errors
    assert "-vv" in done.errors
    assert "Traceback" not in done.errors
    assert "Traceback" in edgent_device(*words, "-vv").errors
