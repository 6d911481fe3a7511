"""Where a spec's exit rule is kept."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from edgent.accuracy.exit_rule_place import named_from, rule_place
from edgent.errors import SpecError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "# Written by `edgent evaluate SPEC --exit-rule`.\nholds: exit rule\nformat: 4\n"


def spec(file: Path) -> Any:
    """A pipeline by the name of ``tiny``."""
    return SimpleNamespace(name="tiny", file=file, resolve=lambda relative: file.parent / relative)


def rule_of(owner: Path, file: Path) -> Path:
    """A rule that belongs to a spec."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{HEAD}spec: {named_from(file, owner)}\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "content", [None, "", HEAD, f"{HEAD}spec: ''\n", f"{HEAD}[", f"{HEAD}spec: ../a.yaml"]
)
def test_what_is_free_or_the_specs_own(tmp_path: Path, content: str | None) -> None:
    """Nothing there, an empty file, a rule that names no spec, a broken one, and its own."""
    (tmp_path / "tiny").mkdir()
    if content is not None:
        (tmp_path / "tiny" / "exit_rule.yaml").write_text(content, encoding="utf-8")
    assert rule_place(spec(tmp_path / "a.yaml"), None).relative == "tiny/exit_rule.yaml"


def test_another_specs_rule_is_left_alone(tmp_path: Path) -> None:
    """Whoever is named like this one in another folder is another spec, too."""
    elsewhere = tmp_path / "sub" / "a.yaml"
    rule_of(elsewhere, tmp_path / "tiny" / "exit_rule.yaml")
    place = rule_place(spec(tmp_path / "a.yaml"), "tiny/exit_rule.yaml")
    assert place.relative == "tiny/exit_rule-a.yaml"
    assert f"is the rule of {elsewhere.resolve()} and stays as it is" in place.left_alone


def test_where_both_are_others_one_has_to_be_named(tmp_path: Path) -> None:
    """The message names them."""
    for name in ("exit_rule.yaml", "exit_rule-a.yaml"):
        rule_of(tmp_path / "b.yaml", tmp_path / "tiny" / name)
    with pytest.raises(
        SpecError, match=r"exit_rule-a\.yaml is the rule of .*: name another file in exit_rule"
    ):
        rule_place(spec(tmp_path / "a.yaml"), None)


@pytest.mark.parametrize(
    "content",
    [
        "mine: true\n",
        "\n" * 60 + "my notes\n",
        "# Written by `edgent evaluate SPEC`.\nholds: codec accuracy\n",
        "# Written by `edgent evaluate SPEC`.\nholds: [",
    ],
)
def test_what_is_no_rule_is_not_written_over(tmp_path: Path, content: str) -> None:
    """Another's file, or another of edgent's."""
    (tmp_path / "notes.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(
        SpecError, match=r"notes\.yaml holds no exit rule and is not written over: name another"
    ):
        rule_place(spec(tmp_path / "a.yaml"), "notes.yaml")
