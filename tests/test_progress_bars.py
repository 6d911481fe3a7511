"""Bars of progress are for terminals."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.progress import Progress

from edgent.progress_bars import progress_bars


@pytest.mark.parametrize(("is_terminal", "is_shown"), [(True, True), (False, False)])
def test_a_file_gets_none(is_terminal: bool, is_shown: bool) -> None:
    """Nor anything else."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=is_terminal, width=100)
    with progress_bars(*Progress.get_default_columns(), console=console) as bars:
        task = bars.add_task("counting", total=2)
        bars.update(task, completed=2)
    assert ("counting" in file.getvalue()) == is_shown
    assert bool(file.getvalue()) == is_shown


def test_they_are_on_stderr() -> None:
    """Where no result goes."""
    with progress_bars() as bars:
        assert bars.console.stderr
