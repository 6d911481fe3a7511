"""What every example keeps to: documented names, a line in the README, and no output in a notebook."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import device_runtime
import edgent

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
FILES = sorted(file for file in EXAMPLES.iterdir() if file.suffix in {".py", ".ipynb"})
PUBLIC = {"edgent": edgent.__all__, "device_runtime": device_runtime.__all__}
PAGES = "\n".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").rglob("*.md")))


def code_of(file: Path) -> str:
    """A script, or the cells of a notebook."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        return text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return "\n".join("".join(cell["source"]) for cell in cells)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_names_are_documented(file: Path) -> None:
    """What an example imports of edgent is public, or a page of docs/ shows where it comes from."""
    imported = [node for node in ast.walk(ast.parse(code_of(file))) if isinstance(node, ast.ImportFrom)]
    for node in imported:
        module = node.module or ""
        names = [alias.name for alias in node.names]
        if module in PUBLIC:
            assert set(names) <= set(PUBLIC[module])
        elif module.split(".")[0] in PUBLIC:
            shown = [line for line in PAGES.splitlines() if line.startswith(f"from {module} import ")]
            for name in names:
                assert any(re.search(rf"\b{name}\b", line) for line in shown), f"{module}.{name}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_readme_tells_of_it(file: Path) -> None:
    """With what it prints."""
    assert f"({file.name})" in (EXAMPLES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.suffix == ".ipynb"], ids=lambda file: file.name
)
def test_notebooks_are_kept_without_outputs(file: Path) -> None:
    """So that a change of a cell is all that a diff shows."""
    for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
