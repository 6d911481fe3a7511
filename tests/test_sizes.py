"""How large a file and a function may be, so that each holds one thought."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = [
    file
    for part in ("edgent", "device_runtime", "handlers", "benchmarks")
    for file in (ROOT / part).rglob("*.py")
]
LONGEST_FILE, LONGEST_FUNCTION, MEDIAN_FILE = 400, 50, 120


def _lines(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def _statements(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring and its signature, which for a command is its options."""
    has_docstring = ast.get_docstring(function) is not None
    body = function.body[1:] if has_docstring else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_files() -> None:
    """No file has more than 400 lines, half of them have at most 120."""
    everything = [*OURS, *(ROOT / "tests").rglob("*.py")]
    assert {str(file): _lines(file) for file in everything if _lines(file) > LONGEST_FILE} == {}
    assert statistics.median(map(_lines, OURS)) <= MEDIAN_FILE


@pytest.mark.parametrize("part", ["edgent", "device_runtime", "handlers", "benchmarks"])
def test_functions(part: str) -> None:
    """No function has more than 50 lines."""
    too_long = {
        f"{file.relative_to(ROOT)}:{node.lineno} {node.name}": _statements(node)
        for file in (ROOT / part).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _statements(node) > LONGEST_FUNCTION
    }
    assert too_long == {}
