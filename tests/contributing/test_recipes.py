"""Every recipe does what it says: its code installed as a package, its test passed, its commands run."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import Any

import pytest
from sybil import Sybil
from sybil.parsers.markdown import CodeBlockParser

from edgent.spec import read_spec

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "contributing"
RECIPES = {
    "codec": "half",
    "exit-rule": "purity",
    "forecast": "expected",
    "policy": "cautious",
    "server": "2 passed",
    "trace-format": "written: 1 trace",
}
"""By page, what its commands print where they used what the recipe adds."""
NETWORK = "network"
"""The page whose commands train one, which takes too long for the ordinary tests."""


def _blocks(name: str, language: str) -> list[str]:
    """The code blocks of a page in one language."""
    page = PAGES / f"{name}.md"
    return [example.parsed for example in Sybil([CodeBlockParser(language)]).parse(page).examples()]


def _entry_points(blocks: list[str]) -> str:
    """The entry points of `pyproject.toml`, as installers write them down."""
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    groups: dict[str, Any] = toml.loads("\n".join(blocks)).get("project", {}).get("entry-points", {})
    return "".join(
        f"[{group}]\n" + "".join(f"{name} = {reference}\n" for name, reference in entries.items())
        for group, entries in groups.items()
    )


def _install(name: str, folder: Path) -> PathDistribution:
    """Write a page's files, each named in its first line, and what declares them as a package."""
    for block in (*_blocks(name, "python"), *_blocks(name, "yaml")):
        (folder / block.splitlines()[0].removeprefix("# ")).write_text(block, encoding="utf-8")
    package = folder / "made_up-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(_entry_points(_blocks(name, "toml")), encoding="utf-8")
    return PathDistribution(package)


def _follow(name: str, folder: Path) -> str:
    """What a page's commands print, in a shell that stops at the first one that fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EDGENT_", "PYTEST_"))}
    done = subprocess.run(
        ["sh", "-eu", "-c", "\n".join(_blocks(name, "sh"))],
        cwd=folder,
        env=kept
        | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
            "XDG_CACHE_HOME": str(folder / "cache"),
            "COLUMNS": "200",
            "NO_COLOR": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe(name: str, tmp_path: Path) -> None:
    """Its own test passes, and its commands use what it adds."""
    _install(name, tmp_path)
    assert RECIPES[name] in _follow(name, tmp_path)


@pytest.mark.full
def test_the_recipe_of_a_network(tmp_path: Path) -> None:
    """It is trained on the digits, exported, and answers."""
    pytest.importorskip("torch")
    _install(NETWORK, tmp_path)
    assert "3 passed" in _follow(NETWORK, tmp_path)


def test_a_network_without_its_training(tmp_path: Path) -> None:
    """The spec can be read, and names the module that the page has, which is Python."""
    assert not _install(NETWORK, tmp_path).entry_points
    training = read_spec(tmp_path / "small.yaml").training
    assert training is not None
    module = tmp_path / f"{training.network}.py"
    compile(module.read_text(encoding="utf-8"), module, "exec")


@pytest.mark.parametrize("name", [name for name in RECIPES if name != "server"])
def test_entry_points_name_what_a_page_has(name: str, tmp_path: Path) -> None:
    """The group is one of edgent's, and the module is among the page's files."""
    declared = _install(name, tmp_path).entry_points
    assert [entry.group.partition(".")[0] for entry in declared] == ["edgent"]
    (entry,) = declared
    assert (tmp_path / f"{entry.module}.py").is_file()
    assert f"`{entry.group}`" in (PAGES / "index.md").read_text(encoding="utf-8")


def test_the_index_names_every_recipe() -> None:
    """And there is no page that nobody tries."""
    index = (PAGES / "index.md").read_text(encoding="utf-8")
    pages = {page.stem for page in PAGES.glob("*.md")} - {"index"}
    assert pages == {*RECIPES, NETWORK}
    assert all(f"({name}.md)" in index for name in pages)
