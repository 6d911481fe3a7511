"""Checksums say what was made, and nothing else is replaced."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edgent.bundle.checksums import SUMS, read_checksums, replace_with, write_checksums
from edgent.errors import ArchiveError

KILLED_ON_ITS_WAY = """
import os, signal, sys
from pathlib import Path
from edgent.bundle.checksums import replace_with
left, replace = int(sys.argv[1]), Path.replace

def replace_or_die(source, target):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return replace(source, target)

Path.replace = replace_or_die
replace_with(*map(Path, sys.argv[2:]))
"""


def made(folder: Path, **files: str) -> Path:
    """A folder of files with their checksums; two underscores stand for a folder."""
    for name, text in files.items():
        file = folder / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    write_checksums(folder)
    return folder


def names(folder: Path) -> set[str]:
    """All files and folders."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def contents(folder: Path) -> dict[str, str]:
    """All files by their names, and all folders, which hold nothing by themselves."""
    return {name: "" if (folder / name).is_dir() else (folder / name).read_text() for name in names(folder)}


def test_sha256sum_reads_them(tmp_path: Path) -> None:
    """It finds all files as they are, and one that was changed."""
    folder = made(tmp_path, a="1", b__c="2", **{"with space": "3"})
    command = ["sha256sum", "--check", "--strict", SUMS]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout == "a: OK\nb/c: OK\nwith space: OK\n"
    (folder / "a").write_text("4", encoding="utf-8")
    assert subprocess.run(command, cwd=folder, check=False, capture_output=True, timeout=60).returncode == 1


def test_what_was_made_is_replaced(tmp_path: Path) -> None:
    """Files that are no longer made go, with the folders that they leave empty; all others stay."""
    folder = tmp_path / "out"
    replace_with(made(tmp_path / "first", a="1", b__c__d="2", e__f="3"), folder)
    (folder / "e" / "mine").write_text("5", encoding="utf-8")
    replace_with(made(tmp_path / "second", a="6"), folder)
    assert names(folder) == {"a", "e", "e/mine", SUMS}
    assert (folder / "a").read_text(encoding="utf-8") == "6"
    assert list(read_checksums(folder)) == ["a"]


MOVES = 3 + 1 + 1 + 3
"""Three files and their checksums aside, then new checksums and three new files."""


class DiskError(OSError):
    """A disk that fails."""


@pytest.mark.parametrize("failing", range(MOVES))
def test_a_move_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """Whichever it is: all files of the earlier run are there again, and none of the new ones."""
    folder = tmp_path / "out"
    replace_with(made(tmp_path / "first", a="1", b__c="2", e="3"), folder)
    (folder / "mine").write_text("4", encoding="utf-8")
    before = contents(folder)
    second, moves = made(tmp_path / "second", a="5", b__d="6", f__g="7"), itertools.count()
    replace = Path.replace

    def replace_or_fail(source: Path, target: Path) -> Path:
        if next(moves) == failing:
            raise DiskError(5, "the disk failed", str(source))
        return replace(source, target)

    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", replace_or_fail)
        with pytest.raises(DiskError):
            replace_with(second, folder)
    assert contents(folder) == before
    assert list(tmp_path.glob(".*")) == []
    replace_with(second, folder)
    assert names(folder) == {"a", "b", "b/d", "f", "f/g", "mine", SUMS}


@pytest.mark.parametrize("moves", [2, MOVES - 2])
def test_the_next_run_completes_one_that_was_killed(tmp_path: Path, moves: int) -> None:
    """While the old files went, or the new ones came: nothing was tidied up."""
    folder = tmp_path / "out"
    replace_with(made(tmp_path / "first", a="1", b__c="2", e="3"), folder)
    (folder / "mine").write_text("4", encoding="utf-8")
    second = made(tmp_path / "second", a="5", b__d="6", f__g="7")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_ON_ITS_WAY, str(moves), str(second), str(folder)],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    assert not all((folder / name).exists() for name in read_checksums(folder))
    replace_with(made(tmp_path / "third", a="5", b__d="6", f__g="7"), folder)
    (folder / SUMS).unlink()
    assert contents(folder) == {"a": "5", "b": "", "b/d": "6", "f": "", "f/g": "7", "mine": "4"}


def test_a_file_in_a_folder_s_place(tmp_path: Path) -> None:
    """It is somebody else's: what was there before comes back, without any help from a test."""
    folder = tmp_path / "out"
    replace_with(made(tmp_path / "first", a="1"), folder)
    (folder / "b").write_text("mine", encoding="utf-8")
    before = contents(folder)
    with pytest.raises(FileExistsError):
        replace_with(made(tmp_path / "second", a="2", b__c="3"), folder)
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a", "changed", "holds a, which no earlier run made"),
        ("b", "foreign", "holds b, which no earlier run made"),
    ],
)
def test_what_is_somebody_elses_stops_it(tmp_path: Path, name: str, text: str, said: str) -> None:
    """A file that was changed since, or that was never made here: nothing is touched."""
    folder = tmp_path / "out"
    replace_with(made(tmp_path / "first", a="1"), folder)
    (folder / name).write_text(text, encoding="utf-8")
    before = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    with pytest.raises(ArchiveError, match=said):
        replace_with(made(tmp_path / "second", a="2", b="3"), folder)
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == before


def test_a_folder_without_checksums_is_somebody_elses(tmp_path: Path) -> None:
    """What has the name of a file that would be made is named; others are in nobody's way."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "notes").write_text("mine", encoding="utf-8")
    replace_with(made(tmp_path / "first", a="1"), folder)
    (folder / SUMS).unlink()
    with pytest.raises(ArchiveError, match="holds a, which"):
        replace_with(made(tmp_path / "second", a="1"), folder)


@pytest.mark.parametrize("line", ["0000  ../outside", "0000  /etc/outside", "no checksum"])
def test_no_file_outside_is_believed_to_be_ours(tmp_path: Path, line: str) -> None:
    """Else it would be removed."""
    (tmp_path / SUMS).write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ArchiveError, match="is no checksum of a file beside it"):
        read_checksums(tmp_path)


def test_a_name_that_checksums_cannot_hold(tmp_path: Path) -> None:
    """It is refused, not written so that it means another file."""
    (tmp_path / "two\nlines").write_text("", encoding="utf-8")
    with pytest.raises(ArchiveError, match="cannot stand in SHA256SUMS: rename the file"):
        write_checksums(tmp_path)
