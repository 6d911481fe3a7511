"""The Dockerfiles: what they copy is there, who they run as, and what a device does without."""

from __future__ import annotations

import fnmatch
import importlib
import json
import re
import sys
from pathlib import Path

import pytest

from edgent.deploy.images import RUN, TORCHSERVE

ROOT = Path(__file__).parents[2]


def _instructions(file: Path) -> list[tuple[str, str]]:
    """Each instruction with its arguments, in order; continued lines are one."""
    text = file.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


@pytest.mark.parametrize("name", ["Dockerfile.edge", "Dockerfile.device"])
def test_an_image_is_as_it_should_be(composed: Path, name: str) -> None:
    """A base with a version, no root, nothing left of package lists, commands without a shell."""
    instructions = _instructions(composed / name)
    words = [word for word, _ in instructions]
    assert words[0] == "FROM"
    assert re.fullmatch(r"python:\d+\.\d+-slim-[a-z]+", instructions[0][1])
    said = dict(instructions)
    assert said["USER"] == "10001:10001"
    assert words.index("USER") > max(index for index, word in enumerate(words) if word == "RUN")
    for word, arguments in instructions:
        if word in ("CMD", "ENTRYPOINT"):
            assert json.loads(arguments)
        if word == "RUN" and "apt-get install" in arguments:
            assert "--no-install-recommends" in arguments
            assert "rm -rf /var/lib/apt/lists/*" in arguments
        if word == "RUN" and "pip install" in arguments:
            assert arguments.count("pip install") == arguments.count("--no-cache-dir")
    assert "ADD" not in words


@pytest.mark.parametrize("name", ["Dockerfile.edge", "Dockerfile.device"])
def test_what_is_copied_is_there_and_no_secret(composed: Path, name: str) -> None:
    """Docker is given what is copied, and the folder of secrets is not."""
    given = [
        line.removeprefix("!")
        for line in (composed / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    ]
    for word, arguments in _instructions(composed / name):
        if word == "COPY":
            source = arguments.split()[0].rstrip("/")
            assert (composed / source).is_dir()
            assert source in given
    assert not any(fnmatch.fnmatch("secrets/tokens", pattern) for pattern in given)


def test_an_edge_asks_itself_a_frame(composed: Path) -> None:
    """Its health is the answer to a frame, and it has Java, and an init that gives signals on."""
    said = dict(_instructions(composed / "Dockerfile.edge"))
    assert json.loads(said["HEALTHCHECK"].partition("CMD ")[2])[:3] == [
        "python",
        "-m",
        "edgent.deploy.healthy",
    ]
    assert json.loads(said["CMD"]) == [*TORCHSERVE]
    assert json.loads(said["ENTRYPOINT"]) == ["tini", "-g", "--"]
    assert said["WORKDIR"] == RUN  # TorchServe writes there
    text = (composed / "Dockerfile.edge").read_text(encoding="utf-8")
    assert "openjdk-17-jre-headless tini" in text
    assert "torch==2.13.0" in text
    assert "torch==2.13.0" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_a_device_has_no_torch(composed: Path) -> None:
    """Wheels alone, without an extra: the core, of which another test shows that it imports no torch."""
    text = (composed / "Dockerfile.device").read_text(encoding="utf-8")
    assert "--only-binary=:all: /tmp/wheels/edgent-*.whl " in text
    assert "torch" not in text
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    core = toml.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert not [requirement for requirement in core if requirement.startswith("torch")]
