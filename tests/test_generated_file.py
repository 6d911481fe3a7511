"""Generated files: written whole, and refused when they are not what they should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pytest
import yaml
from pydantic import ConfigDict  # noqa: TC002  pydantic reads the fields' types

from edgent import generated_file
from edgent.errors import StaleFileError
from edgent.generated_file import STRICT, Provenance, Row, describe_machine, read_generated, write_generated

if TYPE_CHECKING:
    from pathlib import Path

SHA = "ab" * 32


@dataclass(frozen=True)
class Line:
    """A named row of numbers."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Table:
    """The layout of the files written here."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    made_by: Provenance
    rows: tuple[Line, ...]


def written(folder: Path) -> Path:
    """A file with one row."""
    path = folder / "made" / "file.yaml"
    made_by = Provenance.here_and_now(SHA, "edgent make SPEC")
    write_generated(path, "profile", 3, made_by, {"rows": [Row(name="a", values=[1.5, 2])]})
    return path


def read(path: Path, what: str = "profile", form: int = 3, sha256: str = SHA) -> Table:
    """What the file holds."""
    return read_generated(path, what, form, sha256, "edgent make SPEC", Table)


def test_round_trip(tmp_path: Path) -> None:
    """Content and provenance come back; a row stands on one line under a line that names the command."""
    path = written(tmp_path)
    table = read(path)
    made_by = table.made_by
    assert table.rows == (Line("a", (1.5, 2)),)
    assert (made_by.model_sha256, made_by.command) == (SHA, "edgent make SPEC")
    assert {"python", "onnxruntime", "numpy"} <= set(made_by.versions)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Written by `edgent make SPEC`.\n")
    assert "- {name: a, values: [1.5, 2]}\n" in text
    assert [file.name for file in path.parent.iterdir()] == ["file.yaml"]


def test_machine_is_described() -> None:
    """The processor, its cores and the system are named."""
    machine = describe_machine()
    assert set(machine) == {"cpu", "cores", "governor", "system"}
    assert all(machine.values())


def test_other_model_is_refused(tmp_path: Path) -> None:
    """The message names both digests and the command."""
    with pytest.raises(
        StaleFileError, match=r"sha256 abababab.*this one has cdcdcdcd.*run `edgent make SPEC`"
    ):
        read(written(tmp_path), sha256="cd" * 32)


def test_other_kind_and_format_are_refused(tmp_path: Path) -> None:
    """A profile is no map, and an older layout is not guessed at."""
    path = written(tmp_path)
    with pytest.raises(StaleFileError, match="holds no configuration map; run"):
        read(path, what="configuration map")
    with pytest.raises(StaleFileError, match="has format 3, this edgent reads 4; run"):
        read(path, form=4)


def test_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    """No traceback, a command."""
    with pytest.raises(
        StaleFileError, match=r"cannot read .*none.yaml: No such file.*run `edgent make SPEC`"
    ):
        read(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1, 2", "no valid YAML"),
        ("- a\n- b\n", "holds no mapping"),
        ("!!python/object/apply:os.getcwd []", "no valid YAML"),
        ("[" * 100, "no valid YAML: nested more than 20 deep"),
        (
            "[" * 100_000,
            "no valid YAML: .*(nested more than 20 deep|flow level)",
        ),  # libyaml's own
        ("a: &a [1]\nb: [*a, *a]\n", "no valid YAML: nested .* or with aliases"),
        (
            "holds: profile\nformat: 3\n",
            "file.yaml: made_by: input should be an object, not None; run",
        ),
        (
            "holds: profile\nformat: 3\nmade_by: {command: x}\n",
            r"made_by.model_sha256: required, but not there \(and 3 more problems\); run",
        ),
        ("", "holds no mapping"),
        pytest.param(
            f"holds: profile\nformat: 0x{'f' * 5000}\n",
            "no valid YAML: a number of 5,002 characters",
            id="hex",
        ),
        pytest.param(f'{{"format": {"9" * 5000}}}', "no valid YAML: a number of 5,000", id="digits in JSON"),
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    """Whatever is in the file, the answer is one sentence."""
    path = tmp_path / "file.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StaleFileError, match=message):
        read(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: a", "name: 7", "rows.0.name: input should be a valid string, not 7; run `edgent make SPEC`"),
        ("1.5", ".inf", r"rows.0.values.0: input should be a finite number, not inf; run"),
        ("1.5", "true", r"rows.0.values.0: input should be a valid number, not True; run"),
        ("name: a, ", "name: a, size: 3, ", "rows.0.size: unknown key; run"),
        (
            "values: [1.5, 2]",
            "values: none",
            "rows.0.values: input should be a valid array, not 'none'",
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    """The message has the file, the place, the value, and the command that makes the file again."""
    path = written(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(StaleFileError, match=rf"file.yaml: {message}"):
        read(path)


def test_binary_file_is_refused(tmp_path: Path) -> None:
    """Bytes that are no text."""
    path = tmp_path / "file.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(StaleFileError, match="no valid YAML"):
        read(path)


def test_large_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size is looked at first."""
    path = written(tmp_path)
    monkeypatch.setattr(generated_file, "LARGEST_BYTES", 10)
    monkeypatch.setattr(yaml, "load", pytest.fail)
    with pytest.raises(StaleFileError, match="bytes, at most 10"):
        read(path)


def test_unwritable_folder_is_told(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "made").write_text("", encoding="utf-8")
    with pytest.raises(StaleFileError, match=r"cannot write .*choose a writable folder"):
        written(tmp_path)
