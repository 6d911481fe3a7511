"""What programs import: complete, typed, and free until it is used."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

import device_runtime
import edgent

ROOT = Path(__file__).parents[1]


def test_all_that_a_program_needs_is_named() -> None:
    """``__all__`` is asserted name by name: a name that goes is a breaking change."""
    assert edgent.__all__ == [
        "EdgentError",
        "Network",
        "Pipeline",
        "Plan",
        "__version__",
        "open",
        "read_spec",
    ]
    assert device_runtime.__all__ == ["Answer", "DeviceRuntime", "Plan", "Timeline"]
    assert set(edgent.__all__) <= set(dir(edgent))
    assert device_runtime.Plan is edgent.Plan


def test_a_program_in_two_lines(tmp_path: Path) -> None:
    """``edgent.open`` opens a device, which answers."""
    with edgent.open(
        ROOT / "pipelines" / "lenet.yaml", plan=edgent.Plan("exit1", 0), cache=tmp_path
    ) as runtime:
        answer = runtime.infer(np.zeros((1, 28, 28), np.uint8))
    assert isinstance(runtime, device_runtime.DeviceRuntime)
    assert isinstance(answer, device_runtime.Answer)
    assert answer.plan == device_runtime.Plan("exit1", 0)


def test_a_name_that_is_not_there() -> None:
    """The usual error of a module."""
    with pytest.raises(AttributeError, match="module 'edgent' has no attribute 'opne'"):
        getattr(edgent, "opne")  # noqa: B009  mypy knows the names, and refuses this one


def test_the_version_is_that_of_the_installation() -> None:
    """As pip knows it."""
    assert edgent.__version__ == metadata.version("edgent")


def test_the_version_where_nothing_is_installed(tmp_path: Path) -> None:
    """An archive carries this file where no edgent is installed: its version is unknown, and no error."""
    package = tmp_path / "edgent"
    package.mkdir()
    (package / "__init__.py").write_bytes((ROOT / "edgent" / "__init__.py").read_bytes())
    code = "import edgent; print(edgent.__version__)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "0+unknown\n"


@pytest.mark.slow
def test_type_checkers_know_the_names(tmp_path: Path) -> None:
    """The strict mypy infers what ``edgent.open`` gives, and refuses a name that is misspelt."""
    program = tmp_path / "program.py"
    program.write_text(
        "import edgent\n"
        'with edgent.open("lenet.yaml") as runtime:\n'
        "    reveal_type(runtime)\n"
        "reveal_type(edgent.__version__)\n"
        'edgent.opne("lenet.yaml")\n',
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", str(program)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert 'Revealed type is "device_runtime.runtime.DeviceRuntime"' in done.stdout, done.stdout
    assert re.search(r'Revealed type is "(builtins\.)?str"', done.stdout)
    assert 'Module has no attribute "opne"' in done.stdout
    assert "Found 1 error" in done.stdout
