"""What is done around the commands that are timed."""

import sys
from pathlib import Path

import pytest

from benchmarks.studies.scale.measure import _seconds, remove_leftovers
from benchmarks.testbed.errors import TestbedError


def test_what_an_interrupted_measurement_left_is_removed(tmp_path: Path) -> None:
    """And nothing of other networks; where nothing is left, nothing fails."""
    pipelines, cache = tmp_path / "pipelines", tmp_path / "cache"
    for name in ("vgg16", "lenet"):
        for folder in (pipelines / name, cache / name):
            folder.mkdir(parents=True)
        (pipelines / f"{name}.yaml").touch()
        (cache / name / "segment.onnx").touch()
    for _ in range(2):
        remove_leftovers(pipelines / "vgg16.yaml", cache / "vgg16")
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert left == [
        "cache",
        "cache/lenet",
        "cache/lenet/segment.onnx",
        "pipelines",
        "pipelines/lenet",
        "pipelines/lenet.yaml",
    ]


def test_a_command_that_fails_is_named() -> None:
    """In one line; what it said stands above."""
    with pytest.raises(TestbedError, match=r"-c raise SystemExit\(3\)` ended with status 3"):
        _seconds((sys.executable, "-c", "raise SystemExit(3)"), {})
