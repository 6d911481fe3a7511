"""The page on troubleshooting quotes messages as edgent says them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import CodeBlockParser

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "how-to" / "troubleshooting.md"
VALUE = "…"
"""What stands for a value in a quoted message."""
PACKAGES = ("edgent", "device_runtime", "handlers")


def _quoted() -> list[str]:
    return [example.parsed.strip() for example in Sybil([CodeBlockParser("text")]).parse(PAGE).examples()]


@pytest.fixture(scope="module")
def said() -> str:
    """All texts of the source, each part between two values by itself."""
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
    return "\0".join(
        node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_there_are_messages() -> None:
    """A user meets more than two dozen."""
    assert len(_quoted()) > 24


@pytest.mark.parametrize("message", _quoted())
def test_messages_are_quoted_as_they_are_said(message: str, said: str) -> None:
    """Between its values, each part of a message stands in the source."""
    assert [part for part in message.split(VALUE) if part.strip() not in said] == []
