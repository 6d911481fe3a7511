"""The README of a deployment: its commands are understood, and what they name is there."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import typer

from edgent.cli import application
from edgent.deploy.compose import SECRET_FILES

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.deploy.served_store import ServedStore

TARGETS = ("composed", "clustered", "in_units")


def _folder(request: pytest.FixtureRequest, target: str) -> Path:
    written: Path | tuple[Path, ServedStore] = request.getfixturevalue(target)
    return written[0] if isinstance(written, tuple) else written


def _commands(folder: Path) -> list[list[str]]:
    """The words of each command."""
    text = (folder / "README.md").read_text(encoding="utf-8").replace("\\\n", " ")
    indented = [line for line in text.splitlines() if line.startswith("    ")]
    return [shlex.split(part) for line in indented for part in line.split(" && ")]


@pytest.mark.parametrize("target", TARGETS)
def test_commands(request: pytest.FixtureRequest, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of edgent have the options that they are given, and what they read is in the folder."""
    folder = _folder(request, target)
    monkeypatch.chdir(folder)
    ours = [words for words in _commands(folder) if words[0].rpartition("/")[2] == "edgent"]
    assert {words[1] for words in ours} >= {"tls", "doctor"}
    commands: Any = typer.main.get_command(application)
    for words in ours:
        commands.commands[words[1]].make_context(words[1], list(words[2:]))
        for word in words[2:]:
            if word.startswith(("pipeline/", "secrets/")):
                assert (folder / word).exists()


@pytest.mark.parametrize("target", TARGETS)
def test_files(request: pytest.FixtureRequest, target: str) -> None:
    """Whatever it names of the folder is there, or is what the user adds."""
    folder = _folder(request, target)
    text = (folder / "README.md").read_text(encoding="utf-8")
    named = {*re.findall(r"(?:--file |644 |cp -r )([A-Za-z.-]+)", text)}
    assert named
    assert all((folder / name).exists() for name in named)
    for secret in ("server.pem", "server.key", "ca.pem"):
        assert f"`{secret}`" in text


def test_what_a_unit_runs_is_installed_for_its_user(in_units: tuple[Path, ServedStore]) -> None:
    """A umask that hides files from others, as hardened machines have it, is set aside first."""
    words = [command[:2] for command in _commands(in_units[0])]
    made = [number for number, command in enumerate(words) if command == ["python3", "-m"]]
    assert len(made) == 2
    assert all(words[number - 1] == ["umask", "022"] for number in made)


def test_secrets_are_named_and_none_is_shown(clustered: Path) -> None:
    """Of the Secret each file and its source; a token stands in no file but its own."""
    text = (clustered / "README.md").read_text(encoding="utf-8")
    for name, source in SECRET_FILES.items():
        assert f"`{name}`" in text
        assert f"`{source.rpartition('/')[2]}`" in text
    assert "`edgent-lenet-DIGEST`" in text
    assert (
        "It builds `manifests/`, whose pods wait for a\nSecret `edgent-lenet` with the same three keys"
        in text
    )
    secrets = [(clustered / "secrets" / name).read_bytes().strip() for name in ("tokens", "server.key")]
    for file in clustered.rglob("*"):
        if file.is_file() and file.parent.name != "secrets":
            assert not any(secret in file.read_bytes() for secret in secrets)
