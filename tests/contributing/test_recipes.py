"""Every recipe does what it says: its code installed as a package, its test passed, its commands run."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sybil import Sybil
from sybil.parsers.markdown import CodeBlockParser

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "docs" / "contributing" / "index.md"
RECIPES = {
    "codec": "half",
    "exit-rule": "purity",
    "forecast": "expected",
    "network": "exit2",
    "policy": "cautious",
    "server": "2 passed",
    "trace-format": "wlan0",
}
"""By page, what its commands print where they used what the recipe adds."""
NEEDS = {"network": "torch"}


def _blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a page in one language."""
    return [example.parsed for example in Sybil([CodeBlockParser(language)]).parse(page).examples()]


def _entry_points(blocks: list[str]) -> str:
    """The entry points of `pyproject.toml`, as installers write them down."""
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    groups: dict[str, Any] = toml.loads("\n".join(blocks)).get("project", {}).get("entry-points", {})
    return "".join(
        f"[{group}]\n" + "".join(f"{name} = {reference}\n" for name, reference in entries.items())
        for group, entries in groups.items()
    )


def _install(page: Path, folder: Path) -> None:
    """Write the page's files, each named in its first line, and the entry points of its package."""
    for block in (*_blocks(page, "python"), *_blocks(page, "yaml")):
        (folder / block.splitlines()[0].removeprefix("# ")).write_text(block, encoding="utf-8")
    package = folder / "made_up-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(_entry_points(_blocks(page, "toml")), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe(name: str, tmp_path: Path) -> None:
    """In a shell that stops at the first command that fails."""
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    page = INDEX.with_name(f"{name}.md")
    _install(page, tmp_path)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EDGENT_", "PYTEST_"))}
    done = subprocess.run(
        ["sh", "-eu", "-c", "\n".join(_blocks(page, "sh"))],
        cwd=tmp_path,
        env=kept
        | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "COLUMNS": "200",
            "NO_COLOR": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert RECIPES[name] in done.stdout


def test_the_index_names_every_recipe() -> None:
    """And there is no page that nobody tries."""
    pages = {page.stem for page in INDEX.parent.glob("*.md")} - {INDEX.stem}
    assert pages == set(RECIPES)
    assert all(f"({name}.md)" in INDEX.read_text(encoding="utf-8") for name in pages)
