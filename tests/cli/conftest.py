"""The command ``edgent`` inside the test's own process, and pipelines to run it on."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgent.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

PIPELINES = Path(__file__).parents[2] / "pipelines"


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    output: str
    errors: str


@pytest.fixture
def edgent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs ``edgent`` with arguments; a mistake's traceback would fail the test."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["edgent", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        output, errors = capsys.readouterr()
        return Outcome(int(stopped.value.code or 0), output, errors)

    return run


@pytest.fixture
def lenet(tmp_path: Path) -> Path:
    """A copy of the shipped LeNet's spec, with its files."""
    shutil.copytree(PIPELINES / "lenet", tmp_path / "lenet")
    return Path(shutil.copy(PIPELINES / "lenet.yaml", tmp_path))
