"""The Dockerfiles: what they copy is there, who they run as, and what a device does without."""

from __future__ import annotations

import fnmatch
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from edgent.deploy.images import RUN, TORCHSERVE, device_dockerfile

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


@pytest.mark.parametrize(("wheels", "good"), [(1, True), (0, False), (2, False)])
def test_there_is_one_wheel(composed: Path, tmp_path: Path, wheels: int, good: bool) -> None:
    """Neither image is built with none, or with an earlier version's beside it."""
    for number in range(wheels):
        (tmp_path / f"edgent-{number}.whl").touch()
    for name in ("Dockerfile.edge", "Dockerfile.device"):
        checks = [arguments for word, arguments in _instructions(composed / name) if word == "RUN"]
        (check,) = (one for one in checks if "$#" in one)
        command = check.replace("/tmp/wheels", str(tmp_path))
        done = subprocess.run(["sh", "-c", command], check=False, capture_output=True, text=True, timeout=60)
        assert (done.returncode == 0) is good
        assert ("has to hold one wheel" in done.stderr) is not good


def test_odd_names_are_quoted() -> None:
    """A spec's file may have any name, and is one word of the command."""
    text = device_dockerfile("net", 'my "net" $HOME.yaml', {"EDGENT_TOKEN_FILE": "/etc/edgent/tokens"})
    command = json.loads(text.partition("ENTRYPOINT ")[2])
    assert command == ["edgent-device", "--pipeline", '/srv/edgent/pipeline/my "net" $HOME.yaml']
    assert "\nENV EDGENT_TOKEN_FILE=/etc/edgent/tokens\n" in text


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
            *_, source, _ = arguments.split()
            assert (composed / source).is_dir()
            assert source.rstrip("/") in given
    assert not any(fnmatch.fnmatch("secrets/tokens", pattern) for pattern in given)


@pytest.mark.parametrize("name", ["Dockerfile.edge", "Dockerfile.device"])
def test_what_is_copied_is_read_by_the_user(composed: Path, name: str) -> None:
    """A umask of 077 leaves files that nobody but root reads in an image, as Docker keeps their modes."""
    copied = [arguments.split() for word, arguments in _instructions(composed / name) if word == "COPY"]
    stays = [words for words in copied if words[-1] != "/tmp/wheels/"]
    assert stays
    assert all(words[0] == "--chmod=755" for words in stays)


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
    """Wheels alone, of the core and of what Prometheus asks; another test shows that it imports no torch."""
    text = (composed / "Dockerfile.device").read_text(encoding="utf-8")
    assert '--only-binary=:all: "$(ls /tmp/wheels/edgent-*.whl)[metrics]" ' in text
    assert "torch" not in text
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    project = toml.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["optional-dependencies"]["metrics"]
    assert [requirement.partition(">")[0] for requirement in asked] == ["prometheus-client"]
    assert not [one for one in project["dependencies"] if one.startswith("torch")]
