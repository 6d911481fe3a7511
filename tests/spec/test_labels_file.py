"""Names of classes in a file of their own, one on each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.errors import SpecError
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path


def _spec(folder: Path, labels: str = "labels_file: labels.txt") -> Path:
    spec = folder / "spec.yaml"
    spec.write_text(
        "version: 1\nname: tiny\nmodel: {file: network.onnx}\n"
        f"input:\n  shape: [3, 8, 8]\n  {labels}\nexits: [{{name: exit1}}]\n"
    )
    return spec


def test_a_line_is_a_label(tmp_path: Path) -> None:
    """As it is written: numbers, words of YAML, two of the same name; the file may begin with a mark.

    A line ends where an editor's ends, and not at other characters that Unicode knows as ends.
    """
    text = "\ufeff0\r\nyes\ncrane\ncrane \nnull: 1\nsea\u2028lion\n\n"
    (tmp_path / "labels.txt").write_text(text, encoding="utf-8")
    labels = read_spec(_spec(tmp_path)).input.labels
    assert labels == ("0", "yes", "crane", "crane", "null: 1", "sea\u2028lion")


@pytest.mark.parametrize(
    ("labels", "content", "words"),
    [
        ("labels_file: gone.txt", b"", "spec.yaml:6: input.labels_file: .*gone.txt: cannot be read"),
        ("labels_file: labels.txt", b"\xff\xfe", "spec.yaml:6: input.labels_file: .*not a text file"),
        ("labels_file: labels.txt", b"only\n", "input.labels: 1 given, 2 are needed"),
        ("labels_file: labels.txt", b"\n", "input.labels: 0 given, 2 are needed"),
        ("labels_file: labels.txt\n  labels: [a, b]", b"a\nb", "spec.yaml:6: input.labels_file: .*leave one"),
        ("dtype: uint8", b"", "spec.yaml:4: input.labels: 0 given, 2 are needed.*input.labels_file"),
    ],
)
def test_a_file_that_is_no_list_of_labels(tmp_path: Path, labels: str, content: bytes, words: str) -> None:
    """Told with the key that names it."""
    (tmp_path / "labels.txt").write_bytes(content)
    with pytest.raises(SpecError, match=words):
        read_spec(_spec(tmp_path, labels))


def test_a_file_in_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As every other path that a spec names."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "labels.txt").write_text("a\nb\n", encoding="utf-8")
    for path in ("~/labels.txt", "$HOME/labels.txt"):
        assert read_spec(_spec(tmp_path, f"labels_file: {path}")).input.labels == ("a", "b")
    with pytest.raises(SpecError, match=r"spec.yaml:6: input.labels_file: .*GONE is not set"):
        read_spec(_spec(tmp_path, "labels_file: $GONE/labels.txt"))


def test_a_file_without_end(tmp_path: Path) -> None:
    """No more of it is read than the names of classes may take."""
    with pytest.raises(SpecError, match=r"input\.labels_file: /dev/zero: more than 16,777,216 bytes"):
        read_spec(_spec(tmp_path, "labels_file: /dev/zero"))
