"""What a terminal has and a file has not: colours, bars, and an edge that tables keep to."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.command_fixtures import Run

ROOT = Path(__file__).parents[2]
COLOUR = re.compile(r"\x1b\[[\d;]*(?:3\d|9\d)[\d;]*m")
BAR = re.compile(r"\d:\d\d:\d\d")
"""The time that passed, or that is left, which every bar has."""


def _on_a_terminal(folder: Path, *words: str, **environment: str) -> str:
    """All that a command writes where stdout and stderr are one terminal."""
    terminal, end = pty.openpty()
    without = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS"}}
    process = subprocess.Popen(
        [sys.executable, "-c", "from edgent.cli import main; main()", *words],
        cwd=folder,
        env=without | {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT)} | environment,
        stdout=end,
        stderr=end,
    )
    os.close(end)
    written = b""
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # Linux says so where nobody writes any more
            break
        if not chunk:
            break
        written += chunk
    os.close(terminal)
    assert process.wait(60) == 0, written
    return written.decode()


@pytest.mark.slow
@pytest.mark.parametrize(("environment", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_has_bars_and_colours(
    tmp_path: Path, environment: dict[str, str], is_coloured: bool
) -> None:
    """Unless the user wants no colours."""
    shown = _on_a_terminal(tmp_path, "replay", "lenet", "--policies", "static", "--jobs", "1", **environment)
    assert BAR.search(shown)
    assert bool(COLOUR.search(shown)) == is_coloured


def test_a_file_has_neither(edgent: Run, lenet: Path, tmp_path: Path) -> None:
    """Neither what goes to stdout nor what goes to stderr."""
    for words in (
        ("profile", lenet, "--node", "device", "--budget-s", 0.3),
        ("archive", lenet, "--store", tmp_path / "store"),
        ("replay", lenet, "--policies", "static", "--jobs", 1),
    ):
        done = edgent(*words)
        assert done.code == 0, done.errors
        written = done.output + done.errors
        assert not {"\x1b", "\r"} & set(written), words
        assert not BAR.search(written), words


@pytest.mark.parametrize(
    "words",
    [
        ("show", "flowers"),
        ("plan", "alexnet"),
        ("plan", "alexnet", "--bandwidth-kbps", 500),
        ("plan", "alexnet", "--bandwidth-kbps", 500, "--pareto"),
        ("traces",),
        ("replay", "lenet", "--policies", "static,expected,hedged", "--jobs", 1),
        ("capacity", "lenet", "--devices", "20", "--edges", 1, "--workers", 2, "--jobs", 1),
        ("doctor", "lenet"),
    ],
    ids=lambda words: " ".join(map(str, words[:3])),
)
def test_tables_fit_80_columns(edgent: Run, words: tuple[object, ...]) -> None:
    """No cell is cut: columns are left out whole."""
    done = edgent(*words, COLUMNS="80")
    assert done.code in {0, 1}, done.errors
    rows = [line for line in done.output.splitlines() if re.search(r"\S {2,}\S", line)]
    assert rows
    assert max(map(len, rows)) <= 80
    assert not any("…" in row for row in rows)


def test_a_width_of_nothing_is_no_width(edgent: Run) -> None:
    """Terminals of containers may begin with 0 columns: all is printed then, as into a file."""
    shown = edgent("show", "lenet", COLUMNS="0")
    assert shown.code == 0
    assert "all of exit2" in shown.output
    assert "exit1: accuracy" in shown.output
    assert "error: nowhere.yaml" in edgent("show", "nowhere.yaml", COLUMNS="0").errors


def test_a_map_and_a_profile_fit_80_columns(edgent: Run, profiled: Path) -> None:
    """What is written beside a spec is shown in as many columns."""
    for words in (("map", profiled, "--states", 3), ("profile", profiled, "--node", "device", "--resume")):
        done = edgent(*words, COLUMNS="80")
        assert done.code == 0, done.errors
        rows = [line for line in done.output.splitlines() if re.search(r"\S {2,}\S", line)]
        assert rows
        assert max(map(len, rows)) <= 80
