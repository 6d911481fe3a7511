"""Answers as lines of JSON and as files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.written_answers import WrittenAnswers
from edgent.errors import InputError
from edgent.inputs import GivenInput
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ITEM = GivenInput("photo.jpg", b"")
IMAGE = np.zeros((3, 8, 8), np.uint8)


def test_an_answer_is_a_line_and_a_file(
    scene: Callable[[Plan], Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line says which file; it holds what the exit gave."""
    answer = scene(Plan("exit1", 0)).runtime.infer(IMAGE)
    WrittenAnswers(tmp_path / "new" / "out", as_json=True).answered(3, ITEM, answer)
    said = json.loads(capsys.readouterr().out)
    assert (said["index"], said["input"], said["plan"]) == (3, "photo.jpg", "exit1:p0")
    assert said["file"] == str(tmp_path / "new" / "out" / "00003-exit1.npy")
    np.testing.assert_array_equal(np.load(said["file"]), answer.logits)


def test_a_file_that_cannot_be_written(scene: Callable[[Plan], Any], tmp_path: Path) -> None:
    """The folder went away meanwhile: it is named, with the reason."""
    answer = scene(Plan("exit1", 0)).runtime.infer(IMAGE)
    written = WrittenAnswers(tmp_path / "out", as_json=False)
    (tmp_path / "out").rmdir()
    with pytest.raises(InputError, match=r"--out .*00000-exit1\.npy: No such file or directory; make room"):
        written.answered(0, ITEM, answer)
