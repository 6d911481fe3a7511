"""What exits gave is in files, each of them whole or not there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.written_answers import WrittenAnswers
from edgent.errors import InputError, OutputError
from edgent.inputs import GivenInput
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.answer import Answer

IMAGE = np.zeros((3, 8, 8), np.uint8)
ITEM = GivenInput("photo.png", IMAGE)
FULL = Path("/dev/full")


@pytest.fixture
def answer(scene: Callable[..., Any]) -> Answer:
    """An answer of the device alone."""
    answer: Answer = scene(Plan.device_only("exit2")).runtime.infer(IMAGE)
    return answer


def test_a_file_has_the_exits_output(answer: Answer, tmp_path: Path) -> None:
    """Under the input's number; nothing lies beside it."""
    WrittenAnswers(tmp_path / "out", as_json=False).answered(7, ITEM, answer)
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == "00007-exit2.npy"
    assert np.array_equal(np.load(file), answer.logits)


def test_plans_of_one_exit_have_files_of_their_own(scene: Callable[..., Any], tmp_path: Path) -> None:
    """What several plans answer for one input stays apart."""
    plans = Plan.device_only("exit2"), Plan.parse("exit2:p3")
    written = WrittenAnswers(tmp_path, as_json=False, several_plans=True)
    for plan in plans:
        made = scene(plan)
        made.edge.script = [made.answers(plan, 0.02)]
        written.answered(0, ITEM, made.runtime.infer(IMAGE))
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["00000-exit2-exit2-p0.npy", "00000-exit2-exit2-p3.npy"]


def test_an_answer_is_a_line_that_names_its_file(
    answer: Answer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line says which input and plan it is, too."""
    WrittenAnswers(tmp_path / "new" / "out", as_json=True).answered(3, ITEM, answer)
    said = json.loads(capsys.readouterr().out)
    assert (said["index"], said["input"], said["plan"]) == (3, "photo.png", "exit2:p0")
    assert said["file"] == str(tmp_path / "new" / "out" / "00003-exit2.npy")


@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_a_line_is_json_whatever_the_exit_gave(
    answer: Answer, capsys: pytest.CaptureFixture[str], score: float
) -> None:
    """Of logits that are no numbers there is no confidence; JSON has neither NaN nor Infinity."""
    logits = np.full_like(answer.logits, score)
    broken = replace(answer, logits=logits, latency_requirement_s=float("inf"))
    WrittenAnswers(None, as_json=True).answered(0, ITEM, broken)
    said = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert (said["confidence"], said["latency_requirement_ms"]) == (None, None)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_a_full_disk_leaves_no_half(answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there under that name stays."""
    (tmp_path / "00000-exit2.npy").write_bytes(b"before")
    monkeypatch.setattr("edgent.whole_file.token_hex", lambda _: "0")
    (tmp_path / ".00000-exit2.0.npy").symlink_to(FULL)
    with pytest.raises(
        OutputError, match=r"00000-exit2\.npy cannot be written: No space left on device; make"
    ):
        WrittenAnswers(tmp_path, as_json=False).answered(0, ITEM, answer)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"before"]


def test_a_file_in_the_folders_place_is_told(tmp_path: Path) -> None:
    """Before anything is answered."""
    (tmp_path / "out").touch()
    with pytest.raises(InputError, match=r"--out .*out: File exists; name a folder to write into"):
        WrittenAnswers(tmp_path / "out", as_json=False)
