"""A deployment's folder: what is replaced, what stays, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgent.deploy.owned_folder import OWN_CHANGES, RECORD, OwnedFolder, recorded_options
from edgent.errors import ArchiveError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One that was written once."""
    source = tmp_path / "network.onnx"
    source.write_bytes(b"layers")
    files: dict[str, str | Path] = {
        "compose.yaml": "first\n",
        "old.yaml": "old\n",
        "pipeline/network.onnx": source,
    }
    OwnedFolder.open(tmp_path / "out", "compose", "net").write(files)
    return tmp_path / "out"


def test_its_own_files_are_renewed(folder: Path) -> None:
    """Replaced, or removed where they are written no more; what a user added stays."""
    (folder / "secrets").mkdir()
    (folder / "secrets" / "tokens").write_text("secret", encoding="ascii")
    (folder / "pipeline" / "notes.txt").write_text("mine", encoding="ascii")
    OwnedFolder.open(folder, "compose", "net").write({"compose.yaml": "second\n", "new.yaml": "new\n"})
    left = {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}
    del left[RECORD]
    assert left == {
        "compose.yaml": "second\n",
        "new.yaml": "new\n",
        "secrets/tokens": "secret",
        "pipeline/notes.txt": "mine",
    }


def test_the_options_of_a_run_are_recorded(folder: Path) -> None:
    """For the same target; a folder that was never written has none."""
    OwnedFolder.open(folder, "compose", "net").write({}, {"host": "edge.local"})
    assert recorded_options(folder, "compose") == {"host": "edge.local"}
    assert recorded_options(folder, "systemd") == {}
    assert recorded_options(folder.parent, "compose") == {}


def test_one_that_was_deleted_comes_back(folder: Path) -> None:
    """Nothing of a user's is lost by that."""
    (folder / "compose.yaml").unlink()
    OwnedFolder.open(folder, "compose", "net").write({"compose.yaml": "second\n"})
    assert (folder / "compose.yaml").read_text(encoding="utf-8") == "second\n"


def test_what_was_changed_is_not_replaced(folder: Path) -> None:
    """Neither is what would be removed; the first file is named, and how many there are."""
    (folder / "compose.yaml").write_text("first, with a change of mine\n", encoding="utf-8")
    (folder / "old.yaml").write_text("another\n", encoding="utf-8")
    with pytest.raises(
        ArchiveError, match=r"compose\.yaml \(and 1 more\) was changed since edgent deploy"
    ) as refused:
        OwnedFolder.open(folder, "compose", "net")
    assert f"{OWN_CHANGES} says how" in str(refused.value)
    assert (Path(__file__).parents[2] / OWN_CHANGES).is_file()
    assert "of mine" in (folder / "compose.yaml").read_text(encoding="utf-8")


def test_somebody_elses_file_in_the_way(folder: Path) -> None:
    """Where an earlier run wrote none."""
    (folder / "README.md").write_text("mine\n", encoding="utf-8")
    with pytest.raises(ArchiveError, match=r"README\.md exists and was not written by edgent deploy"):
        OwnedFolder.open(folder, "compose", "net").write({"README.md": "ours\n", "compose.yaml": "second\n"})
    assert (folder / "README.md").read_text(encoding="utf-8") == "mine\n"
    assert (folder / "compose.yaml").read_text(encoding="utf-8") == "first\n"


@pytest.mark.parametrize(("target", "pipeline"), [("kubernetes", "net"), ("compose", "other")])
def test_of_another_deployment(folder: Path, target: str, pipeline: str) -> None:
    """Another target's, or another pipeline's."""
    with pytest.raises(
        ArchiveError, match=r"holds what deploys net by compose, not .* another folder with --out"
    ):
        OwnedFolder.open(folder, target, pipeline)  # type: ignore[arg-type]


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    """What a deployment waits for may be there; anything else is somebody's."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "wheels").mkdir()
    OwnedFolder.open(tmp_path, "compose", "net")
    (tmp_path / RECORD).unlink()
    (tmp_path / "pipeline").mkdir()
    with pytest.raises(ArchiveError, match="holds pipeline, and was not written by edgent deploy"):
        OwnedFolder.open(tmp_path, "compose", "net")


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    """What was built before the first file was written is no stranger's."""
    OwnedFolder.open(tmp_path, "compose", "net")
    (tmp_path / "archives").mkdir()
    OwnedFolder.open(tmp_path, "compose", "net").write({"compose.yaml": "first\n"})
    assert (tmp_path / "compose.yaml").exists()


def test_a_write_that_breaks_off_changes_nothing(folder: Path) -> None:
    """So the next run does not take half a file for a user's change."""
    files: dict[str, str | Path] = {"compose.yaml": "second\n", "network.onnx": folder / "nowhere.onnx"}
    with pytest.raises(ArchiveError, match="cannot write"):
        OwnedFolder.open(folder, "compose", "net").write(files)
    assert (folder / "compose.yaml").read_text(encoding="utf-8") == "first\n"
    assert {file.name for file in folder.iterdir()} == {RECORD, "compose.yaml", "old.yaml", "pipeline"}
    OwnedFolder.open(folder, "compose", "net").write({"compose.yaml": "second\n"})
    assert (folder / "compose.yaml").read_text(encoding="utf-8") == "second\n"


@pytest.mark.parametrize(
    "record",
    [
        "",
        "{}",
        '{"target": "swarm", "pipeline": "net", "files": {}}',
        '{"target": "compose", "pipeline": "net", "files": {"../outside": "00"}}',
        '{"target": "compose", "pipeline": "net", "files": {"/etc/hosts": "00"}}',
        '{"target": "compose", "pipeline": "net", "files": {"a\\u0000b": "00"}}',
        f'{{"target": "compose", "pipeline": "net", "files": {{"a": {"9" * 5000}}}}}',
    ],
)
def test_a_damaged_record(tmp_path: Path, record: str) -> None:
    """It names no file outside, whatever stands in it."""
    (tmp_path / RECORD).write_text(record, encoding="utf-8")
    with pytest.raises(ArchiveError, match="is no record of edgent deploy"):
        OwnedFolder.open(tmp_path, "compose", "net")


def test_what_cannot_be_written(tmp_path: Path) -> None:
    """A file in the folder's place, and a folder in a file's."""
    (tmp_path / "file").touch()
    with pytest.raises(ArchiveError, match=r"--out .*file is a file: name a folder"):
        OwnedFolder.open(tmp_path / "file", "compose", "net")
    owned = OwnedFolder.open(tmp_path / "out", "compose", "net")
    with pytest.raises(ArchiveError, match="cannot write"):
        owned.write({"a": "text", "a/b": "text"})
