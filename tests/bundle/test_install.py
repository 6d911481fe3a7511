"""The environment that a bundle's own script makes, with pip and the packages as they are published."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOST_MB = 120
"""Without byte code, which Python writes when it first imports a module."""


@pytest.mark.full
def test_a_device_is_made(bundled: Callable[[str], Path], tmp_path: Path) -> None:
    """It is small, and answers the samples, each without help from anywhere else."""
    bundle = bundled("lenet")
    made = subprocess.run(
        ["sh", bundle / "install.sh", "env"],  # below the folder in which it is called
        cwd=tmp_path,
        env={**os.environ, "PYTHON": sys.executable, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert made.returncode == 0, made.stderr
    files = (file for file in (tmp_path / "env").rglob("*") if file.is_file() and file.suffix != ".pyc")
    size_mb = sum(file.lstat().st_size for file in files) / 1e6
    assert 60 < size_mb <= MOST_MB, made.stdout
    done = subprocess.run(
        ["sh", bundle / "run.sh", "--json", "--url", "http://127.0.0.1:9"],
        env={"EDGENT_ENV": str(tmp_path / "env"), "HOME": "/proc/nowhere", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 20
