"""onnxruntime tells its maker nothing of what edgent runs, unless the user wants it to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
NETWORK = ROOT / "pipelines" / "lenet" / "network.onnx"
VARIABLE = "ORT_DISABLE_TELEMETRY"
QUIET_BY_ITSELF = ("CI", "ORT_RUNNING_UNIT_TESTS", VARIABLE)
"""Variables with which onnxruntime tells nothing, whatever edgent does."""


def _python(program: str, folder: Path, **variables: str) -> str:
    """What a program prints, with onnxruntime's cache in a folder."""
    usual = {name: value for name, value in os.environ.items() if name not in QUIET_BY_ITSELF}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=usual | {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder)} | variables,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout.strip()


def test_nothing_is_told(tmp_path: Path) -> None:
    """Workers, devices and commands import a module of edgent's first: no queue of events is kept."""
    opened = f"import edgent.errors, onnxruntime; onnxruntime.InferenceSession({str(NETWORK)!r})"
    _python(opened, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_choice_of_the_user_stays(tmp_path: Path) -> None:
    """Whatever it is."""
    said = f"import os, edgent.errors; print(os.environ[{VARIABLE!r}])"
    assert _python(said, tmp_path, **{VARIABLE: "0"}) == "0"
    assert _python(said, tmp_path) == "1"
