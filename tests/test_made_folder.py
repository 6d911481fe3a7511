"""The folder that an option names."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgent.errors import ArchiveError
from edgent.made_folder import make_folder


def test_it_is_made_with_those_above(tmp_path: Path) -> None:
    """One that is there stays with all that it holds."""
    folder = tmp_path / "a" / "b"
    make_folder(folder, "--out")
    (folder / "file").touch()
    make_folder(folder, "--out")
    assert (folder / "file").exists()


def test_what_is_in_the_way_is_named(tmp_path: Path) -> None:
    """With the option that names it, or with the folder that cannot be made."""
    (tmp_path / "file").touch()
    with pytest.raises(ArchiveError, match=r"--store .*file is a file: name a folder"):
        make_folder(tmp_path / "file", "--store")
    with pytest.raises(ArchiveError, match="cannot write /proc/nowhere: No such file or directory"):
        make_folder(Path("/proc/nowhere"), "--out")
