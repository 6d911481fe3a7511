"""Each tutorial works as it is written: its blocks run in order, and print what it says they print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tutorials.page import Block, blocks
from tests.tutorials.quoted import agrees, masked
from tests.tutorials.session import Session

PAGES = sorted((Path(__file__).parents[2] / "docs" / "tutorials").glob("*.md"))
QUICK = ("platform.md",)
"""Pages that take seconds; the others are left to `make test-all`."""
NOT_RUN = [block for page in PAGES for block in blocks(page) if block.not_run is not None]


def _marked(page: Path) -> Any:
    marks = [pytest.mark.slow] if page.name in QUICK else [pytest.mark.torchserve, pytest.mark.full]
    return pytest.param(page, id=page.name, marks=[*marks, pytest.mark.timeout(900)])


@pytest.mark.parametrize("page", [_marked(page) for page in PAGES])
def test_a_tutorial_runs_from_its_text(page: Path, tmp_path: Path) -> None:
    """In an empty folder, in one shell, with the commands of this environment."""
    with Session(tmp_path) as session:
        for block in blocks(page):
            if block.is_run:
                for step in block.steps():
                    printed = session.run(block, step)
                    if step.quoted and not agrees(step.quoted, printed):
                        assert masked(printed) == masked(step.quoted), block.place


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_tutorial_can_be_run(page: Path) -> None:
    """Each block names its language, those of a console begin with a prompt, and some are run."""
    found = blocks(page)
    assert all(block.language for block in found)
    assert [step for block in found if block.is_run for step in block.steps()]


@pytest.mark.parametrize("block", NOT_RUN, ids=lambda block: block.place)
def test_what_is_not_run_says_why(block: Block) -> None:
    """In some words."""
    assert len((block.not_run or "").split()) > 2
