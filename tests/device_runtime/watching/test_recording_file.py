"""The file of a recording: nothing of its user's is overwritten, and a full disk ends no answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from device_runtime.watching.recording_file import RecordingFile
from edgent.errors import InputError

FULL = Path("/dev/full")


def test_lines_are_there_at_once(tmp_path: Path) -> None:
    """Whoever reads it meanwhile has whole lines."""
    file = RecordingFile(tmp_path / "run.jsonl")
    file.write("one")
    file.write("other")

    assert (tmp_path / "run.jsonl").read_text(encoding="utf-8") == "one\nother\n"
    file.close()
    file.close()


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    """It may be the recording of a day."""
    path = tmp_path / "run.jsonl"
    path.write_text("mine", encoding="utf-8")

    with pytest.raises(InputError, match="is there, and is not overwritten: name another file"):
        RecordingFile(path)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    """A file in it may be one."""
    with pytest.raises(InputError, match=r"is a folder: name a file, such as .*/run\.jsonl$"):
        RecordingFile(tmp_path)


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    """As for whatever else a command writes."""
    RecordingFile(tmp_path / "runs" / "run.jsonl").close()
    assert (tmp_path / "runs" / "run.jsonl").is_file()


def test_a_file_in_the_folders_place_stays(tmp_path: Path) -> None:
    """It is named, before anything is answered."""
    (tmp_path / "runs").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"runs is there, and is not overwritten"):
        RecordingFile(tmp_path / "runs" / "run.jsonl")
    assert (tmp_path / "runs").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Later lines are dropped, and nothing is raised."""
    file = RecordingFile(tmp_path / "run.jsonl")
    file.close()
    file._file = FULL.open("w", encoding="utf-8")
    file.write("one")
    file.write("other")
    file.close()

    assert ["No space left" in record.getMessage() for record in caplog.records] == [True]
