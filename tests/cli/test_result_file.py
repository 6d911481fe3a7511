"""A file for a result: whole or not there, in a folder that may be missing, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer

from edgent.cli.result_file import result_file

if TYPE_CHECKING:
    from pathlib import Path


def test_its_folder_is_made(tmp_path: Path) -> None:
    """It has its name, and nothing lies beside it; its ending is there while it is written."""
    path = tmp_path / "new" / "figures" / "plans.png"
    with result_file(path) as unfinished:
        assert unfinished.suffix == ".png"
        unfinished.write_text("whole", encoding="utf-8")
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_an_interrupt_leaves_what_was_there(tmp_path: Path) -> None:
    """Of what was begun there is nothing."""
    path = tmp_path / "page.html"
    path.write_text("before", encoding="utf-8")
    writing = result_file(path)
    writing.__enter__().write_text("hal", encoding="utf-8")
    assert not writing.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_plain_file_is_written_itself(tmp_path: Path) -> None:
    """Such as a device; nothing takes its place."""
    link = tmp_path / "nothing"
    link.symlink_to("/dev/null")
    with result_file(link) as unfinished:
        unfinished.write_text("gone", encoding="utf-8")
    assert link.is_symlink()


@pytest.mark.parametrize(
    ("name", "why"), [("folder", "Is a directory"), ("file/plans.png", "File exists|Not a directory")]
)
def test_where_it_cannot_be_written(tmp_path: Path, name: str, why: str) -> None:
    """The message says where, and why."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with (
        pytest.raises(typer.BadParameter, match=f"{name}: cannot be written: ({why})"),
        result_file(tmp_path / name) as unfinished,
    ):
        unfinished.write_text("text", encoding="utf-8")
