"""`make setup` where something is missing: it says what, and the page on troubleshooting says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "how-to" / "troubleshooting.md"
OLD = f'exec {sys.executable} -c "import sys; sys.version_info = (3, 9); $2"'
"""A Python that takes itself for an old one."""
OFFLINE = """case "$1 $2" in
"-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip") exit 1 ;;
esac"""
"""A Python whose environments have a pip that reaches no index."""


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (None, "there is no python3 here"),
        (OLD, "edgent needs Python 3.10 or newer"),
        (OFFLINE, "pip installs nothing"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, script: str | None, said: str) -> None:
    """In a sentence that the page quotes; nothing counts as installed."""
    python = tmp_path / "python3"
    if script is not None:
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
    done = subprocess.run(
        ["make", "--no-print-directory", "setup", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert said in done.stderr.replace(str(python), "python3")
    assert f"`{said}`" in PAGE.read_text(encoding="utf-8")
    assert not (tmp_path / "venv" / ".done").exists()
