"""The wheel is one that installers take, holds both packages, and is the same every time."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

from edgent.bundle.wheel import OWN_MODULES, write_wheel

if TYPE_CHECKING:
    from pathlib import Path


def test_pip_installs_it(tmp_path: Path) -> None:
    """With its commands; pip checks the record's digests and sizes."""
    wheel = write_wheel(tmp_path / "wheels", "edgent", OWN_MODULES)
    target = tmp_path / "site"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            "--target",
            target,
            wheel,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert {path.name for path in (target / "bin").iterdir()} == {"edgent", "edgent-device"}
    assert (target / "edgent" / "network.py").is_file()
    assert (target / "device_runtime" / "py.typed").is_file()
    assert not (target / "edgent" / "_shipped").exists()
    assert next(target.glob("edgent-*.dist-info/licenses/LICENSE")).stat().st_size > 10_000


def test_it_is_the_same_every_time(tmp_path: Path) -> None:
    """And no byte code of this Python is in it."""
    first, second = (write_wheel(tmp_path / name, "edgent", OWN_MODULES) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    assert not [name for name in zipfile.ZipFile(first).namelist() if name.endswith(".pyc")]
