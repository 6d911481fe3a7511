"""Files that are there whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.whole_file import whole_file

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_takes_its_name_at_the_end(tmp_path: Path) -> None:
    """In a folder that is made; until then it goes by another name, of the same kind of file."""
    file = tmp_path / "made" / "figure.png"
    with whole_file(file) as unfinished:
        unfinished.write_bytes(b"half")
        assert (unfinished.suffix, file.exists()) == (".png", False)
        unfinished.write_bytes(b"whole")
    assert file.read_bytes() == b"whole"
    assert list(file.parent.iterdir()) == [file]


def test_what_was_there_stays_where_writing_fails(tmp_path: Path) -> None:
    """And no half of a file is left beside it."""
    file = tmp_path / "file"
    file.write_bytes(b"before")
    with pytest.raises(OSError, match="no room"), whole_file(file) as unfinished:  # noqa: PT012  it fails half way
        unfinished.write_bytes(b"half")
        raise OSError("no room")
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


def test_two_may_write_one_file_at_once(tmp_path: Path) -> None:
    """Also from one thread: neither meets what the other has written so far."""
    file = tmp_path / "file"
    with whole_file(file) as one:
        with whole_file(file) as other:
            other.write_bytes(b"other")
            one.write_bytes(b"one")
        assert file.read_bytes() == b"other"
    assert file.read_bytes() == b"one"
