"""The shell of a page: what lasts from step to step, and what ends with it."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tests.tutorials.page import Block, Step
from tests.tutorials.session import Session, StepFailedError, on_ports

SH = Block(Path("page.md"), "sh", "", 3)
PYTHON = Block(Path("page.md"), "python", "", 9)


def test_a_page_is_one_session(tmp_path: Path) -> None:
    """Variables, folders and both streams; Python sees what was exported."""
    with Session(tmp_path) as session:
        session.run(SH, Step("mkdir inside && cd inside\nexport SAID=hello\nUNSEEN=1"))
        assert session.run(SH, Step("echo $SAID $UNSEEN; pwd >&2; cat")).split() == [
            *("hello", "1"),
            str(tmp_path / "inside"),
        ]
        assert session.run(PYTHON, Step("import os\nprint(os.environ['SAID'])")).strip() == "hello"


def test_a_failed_command_ends_the_page(tmp_path: Path) -> None:
    """Wherever it stands in its block; the rest is not run, and what it printed is told."""
    with Session(tmp_path) as session:
        with pytest.raises(StepFailedError, match=r"(?s)page\.md:3: exit code 7 .*what it said"):
            session.run(SH, Step("echo what it said\n(exit 7)\ntouch file"))
        assert not (tmp_path / "file").exists()


def test_what_a_page_starts_ends_with_it(tmp_path: Path) -> None:
    """Background jobs as well."""
    with Session(tmp_path) as session:
        pid = int(session.run(SH, Step("sleep 1000 &\necho $!")))
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_named_ports_become_free_ones() -> None:
    """Whole numbers alone."""
    assert on_ports("http://127.0.0.1:8080 18080", {"8080": "21000"}) == "http://127.0.0.1:21000 18080"
