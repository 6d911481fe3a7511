"""``edgent report``: one file, or a sentence."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from tests.recorded import ANSWER, DESCRIPTION

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run

pytest.importorskip("bokeh")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording of one answer."""
    file = tmp_path / "run.jsonl"
    lines = (json.dumps(asdict(one)) for one in (DESCRIPTION, ANSWER))
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def test_the_page_asks_no_network(edgent: Run, recording: Path) -> None:
    """All that draws it is in the file, and nothing is named that a browser would fetch."""
    done = edgent("report", recording)

    page = recording.with_suffix(".html")
    assert done.code == 0, done.errors
    assert done.output == f"written: {page}, of 1 answer\n"
    html = page.read_text(encoding="utf-8")
    assert "<title>edgent: flowers</title>" in html
    head = html.partition("<script")[0] + html.rpartition("</script>")[2]
    assert "src=" not in head
    assert "<link" not in html
    assert '<script src="' not in html


def test_it_is_written_where_it_is_wanted(edgent: Run, recording: Path, tmp_path: Path) -> None:
    """Folders are made."""
    page = tmp_path / "pages" / "monday.html"

    assert edgent("report", recording, "--out", page).code == 0
    assert page.exists()


def test_a_recording_is_not_overwritten(edgent: Run, recording: Path) -> None:
    """By its own page."""
    done = edgent("report", recording, "--out", recording)

    assert done.code == 2
    assert "is the recording itself" in done.errors
    assert recording.read_text(encoding="utf-8").count("\n") == 2


def test_what_is_no_recording_is_told(edgent: Run, tmp_path: Path) -> None:
    """In a sentence, and no page is left behind."""
    file = tmp_path / "answers.jsonl"
    file.write_text('{"label": "rose"}\n', encoding="utf-8")
    done = edgent("report", file)

    assert done.code == 2
    assert f"{file} is no recording of this format" in done.errors
    assert not file.with_suffix(".html").exists()
