"""A wheel where nothing else of edgent is: installed, and used as a new user does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from releasing.building import build
from releasing.description import check_metadata
from releasing.release_error import ReleaseError
from releasing.trial import install, take_first_steps

ROOT = Path(__file__).parents[2]


@pytest.mark.full
def test_a_release_of_this_checkout(tmp_path: Path) -> None:
    """Its metadata is complete, and a device answers without its edge."""
    distributions = build(ROOT, tmp_path / "dist")
    check_metadata(distributions)
    commands = install(distributions, tmp_path / "environment")
    (tmp_path / "user").mkdir()
    take_first_steps(commands, tmp_path / "user")
    assert (tmp_path / "user" / "pipelines" / "lenet.yaml").is_file()


@pytest.mark.slow
def test_commands_that_fail_are_shown(tmp_path: Path) -> None:
    """With what they said."""
    broken = tmp_path / "edgent"
    broken.write_text("#!/bin/sh\necho nothing works >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(ReleaseError, match="edgent --version ends with 3:\nnothing works"):
        take_first_steps(tmp_path, tmp_path)
    broken.write_text("#!/bin/sh\n")
    with pytest.raises(ReleaseError, match="edgent --version prints nothing"):
        take_first_steps(tmp_path, tmp_path)


@pytest.mark.slow
def test_a_check_that_fails_ends_the_command(tmp_path: Path) -> None:
    """With a sentence and exit code 1."""
    (tmp_path / "edgent-0.0-py3-none-any.whl").write_bytes(b"")
    done = subprocess.run(
        [sys.executable, "-m", "releasing", "--out", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {tmp_path} holds 2 wheels and 1 source distributions")
