"""Recordings are read as they were written; what is none is refused with its place."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from edgent.errors import DataError
from edgent.recording.reading import LONGEST_LINE_BYTES, read_recording
from tests.recorded import ALONE, ANSWER, DESCRIPTION

if TYPE_CHECKING:
    from pathlib import Path

HEAD = json.dumps(asdict(DESCRIPTION))
LINE = json.dumps(asdict(ANSWER))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a recording is."""
    return tmp_path / "run.jsonl"


def test_what_was_written_is_read(file: Path) -> None:
    """Every value of every line."""
    file.write_text("\n".join([HEAD, LINE, json.dumps(asdict(ALONE)), ""]), encoding="utf-8")

    made = read_recording(file)

    assert made.description == DESCRIPTION
    assert list(made.answers) == [ANSWER, ALONE]


def test_keys_of_later_versions_are_passed_over(file: Path) -> None:
    """They are more than this version reads."""
    file.write_text("\n".join([HEAD, json.dumps(asdict(ANSWER) | {"mood": "good"}), ""]), encoding="utf-8")

    assert list(read_recording(file).answers) == [ANSWER]


def test_a_last_line_without_end_is_left_out(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A device that was switched off leaves one behind; it is said."""
    file.write_text(f"{HEAD}\n{LINE}\n{LINE[:40]}", encoding="utf-8")

    assert read_recording(file).answered == 1
    assert [record.getMessage() for record in caplog.records] == [
        f"{file}: line 3 has no end and is left out"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "run.jsonl is empty: nothing was recorded into it; write one with"),
        ("text\n", "is no recording of this format"),
        (HEAD.replace('"format": 1', '"format": 2') + "\n", "is no recording of this format: format"),
        (HEAD.replace("2026-09-21T15", "yesterday") + "\n", "is no recording of this format: started"),
        (f"{HEAD}\ntext\n", ", line 2: "),
        (f'{HEAD}\n{LINE}\n{{"kind": "gap"}}\n', ", line 3: gap.lines: "),
        (f'{HEAD}\n{{"kind": "song"}}\n', ", line 2: "),
    ],
)
def test_what_is_no_recording_is_refused(file: Path, content: str, said: str) -> None:
    """With the line, and what to do."""
    file.write_text(content, encoding="utf-8")

    with pytest.raises(DataError, match="edgent-device --record FILE") as caught:
        read_recording(file)

    assert said in str(caught.value)


@pytest.mark.parametrize("change", [{"photo": '"><script>'}, {"photo": "A" * 20_000}, {"latency_ms": "fast"}])
def test_values_are_checked(file: Path, change: dict[str, Any]) -> None:
    """A picture is base64 and small; a time is a number."""
    file.write_text(f"{HEAD}\n{json.dumps(asdict(ANSWER) | change)}\n", encoding="utf-8")

    with pytest.raises(DataError, match=f"line 2: answer.{next(iter(change))}"):
        read_recording(file)


MANY = "9" * 5000


@pytest.mark.parametrize("key", ["index", "latency_ms", "time_s", "sent_bytes", "window"])
@pytest.mark.parametrize("number", [MANY, f"{MANY}.5", "1e999", "9" * 400], ids=["whole", "5", "e", "400"])
def test_numbers_of_thousands_of_digits(file: Path, key: str, number: str) -> None:
    """A sentence, whatever Python says of them."""
    values = json.dumps(asdict(ANSWER) | {key: "HERE"}).replace('"HERE"', number)
    file.write_text(f"{HEAD}\n{values}\n", encoding="utf-8")

    with pytest.raises(DataError, match="line 2: ") as caught:
        read_recording(file)
    assert MANY not in str(caught.value)


def test_a_number_that_no_page_can_draw(file: Path) -> None:
    """Though Python reads it: counts of millions of years, moments after the last date."""
    for change in ({"index": 10**30}, {"time_s": 1e30}, {"index": -1}):
        file.write_text(f"{HEAD}\n{json.dumps(asdict(ANSWER) | change)}\n", encoding="utf-8")
        with pytest.raises(DataError, match=f"line 2: answer.{next(iter(change))}"):
            read_recording(file)


def test_nothing_in_a_name_is_a_nul_too_many(file: Path) -> None:
    """A name is text; a NUL outside of a name makes the line none."""
    named = json.dumps(asdict(ANSWER) | {"input": "a\0b.jpg"})
    file.write_text(f"{HEAD}\n{named}\n", encoding="utf-8")
    assert read_recording(file).answers[0].input == "a\0b.jpg"
    file.write_text(f"{HEAD}\n\0{named}\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 2: "):
        read_recording(file)


def test_a_long_line_is_refused_before_it_is_read(file: Path) -> None:
    """No recording has one."""
    file.write_text(f"{HEAD}\n{' ' * (LONGEST_LINE_BYTES + 1)}\n", encoding="utf-8")

    with pytest.raises(DataError, match="line 2 has more than 1,048,576 bytes"):
        read_recording(file)


def test_a_file_that_is_not_there_is_told(file: Path) -> None:
    """By its name."""
    with pytest.raises(DataError, match=f"cannot read {file}: No such file"):
        read_recording(file)
