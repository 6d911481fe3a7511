"""What comes next, as a shell takes it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgent.deploy.deployed import Deployed
from edgent.deploy.image_name import ImageName
from edgent.deploy.steps import steps

if TYPE_CHECKING:
    from edgent.deploy.owned_folder import Target
    from edgent.deploy.served_store import ServedStore

FOLDER = Path("it's my folder")
SPEC = "my net.yaml"


def _commands(deployed: Deployed) -> list[list[str]]:
    return [shlex.split(step.command) for step in steps(deployed, FOLDER, SPEC)]


@pytest.mark.parametrize(("target", "last"), [("compose", "docker"), ("systemd", "edgent")])
def test_a_folder_of_any_name(in_units: tuple[Path, ServedStore], target: Target, last: str) -> None:
    """It is one word, and the host is named where it is known."""
    commands = _commands(Deployed(target, in_units[1], "edge.local", ImageName("edge", "1")))
    assert commands[0][:5] == ["pip", "wheel", "--no-deps", "--wheel-dir", str(FOLDER / "wheels")]
    assert commands[1] == ["edgent", "tls", str(FOLDER / "secrets"), "--host", "edge.local"]
    assert commands[-1][0] == last
    assert _commands(Deployed(target, in_units[1], ""))[1][-1] == "NAME"


def test_a_host_is_one_word(in_units: tuple[Path, ServedStore]) -> None:
    """Whatever it is: nothing of it is a command."""
    assert _commands(Deployed("systemd", in_units[1], "$(x); y"))[1][-1] == "$(x); y"


def test_an_image_with_a_digest_is_not_built(in_units: tuple[Path, ServedStore]) -> None:
    """It is there already; one without a registry is told to need one."""
    pinned = ImageName("edge", "", f"sha256:{'0' * 64}")
    assert [words[0] for words in _commands(Deployed("kubernetes", in_units[1], "", pinned))] == [
        "pip",
        "edgent",
        "kubectl",
    ]
    built = steps(Deployed("kubernetes", in_units[1], "", ImageName("edge", "1")), FOLDER, SPEC)
    assert [shlex.split(step.command)[:2] for step in built[2:]] == [
        ["docker", "build"],
        ["docker", "push"],
        ["kubectl", "apply"],
    ]
    assert "names no registry" in built[3].what
    elsewhere = steps(Deployed("kubernetes", in_units[1], "", ImageName("host:5000/edge", "1")), FOLDER, SPEC)
    assert "names no registry" not in elsewhere[3].what


def test_a_tag_that_waits_for_the_wheel_is_not_told(in_units: tuple[Path, ServedStore]) -> None:
    """The image would be built under a tag that the next run does not know; that run is what comes next."""
    waiting = Deployed("kubernetes", in_units[1], "", ImageName("edge", "1"), awaits_wheel=True)
    assert _commands(waiting)[2:] == [["edgent", "deploy", "kubernetes", SPEC, "--out", str(FOLDER)]]
