"""What a distribution's modules are, and which files are theirs."""

from __future__ import annotations

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import Distribution
from typing import TYPE_CHECKING

import pytest

from edgent.installed_modules import compiled_module, module_files, top_level_modules

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    "made_up_thing.py",
    f"made_up_fast{EXTENSION_SUFFIXES[0]}",
    "made_up_package/__init__.py",
    "made_up_package/inner/tables.json",
    "made_up_package/__pycache__/__init__.cpython-311.pyc",
    "made_up-1.0.dist-info/METADATA",
    "../../../bin/made_up.py",
)
INSIDE = {name for name in FILES if "pyc" not in name and not name.startswith(("..", "made_up-"))}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages with those files, but for the script, which lies elsewhere."""
    site = tmp_path / "lib" / "python3" / "site-packages"
    for name in FILES:
        file = (site / name).resolve()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(site)
    return site


def _recorded(site: Path, *files: str) -> Distribution:
    """The distribution with a record of these files."""
    information = site / "made_up-1.0.dist-info"
    (information / "RECORD").write_text("".join(f"{name},,\n" for name in files))
    return Distribution.at(information)


def test_a_record_names_all_modules(site: Path) -> None:
    """Those that are known come first; scripts and data are no modules."""
    distribution = _recorded(site, *FILES)
    found = top_level_modules(distribution, ["made_up_thing"])
    assert found == ("made_up_thing", "made_up_fast", "made_up_package")


def test_an_installation_that_refers_to_a_checkout(site: Path) -> None:
    """Its record holds what leads there, and not the modules: those that are known are all."""
    distribution = _recorded(site, "_made_up.pth", "__editable___made_up_finder.py")
    assert top_level_modules(distribution, ["made_up_thing"] * 2) == ("made_up_thing",)
    (site / "made_up-1.0.dist-info" / "RECORD").unlink()
    assert top_level_modules(distribution, ["made_up_thing"]) == ("made_up_thing",)


@pytest.mark.usefixtures("site")
def test_the_files_of_modules() -> None:
    """Data among them, byte code not; one that is compiled is found."""
    files = module_files(["made_up_thing", "made_up_fast", "made_up_package"])
    assert set(files) == INSIDE
    assert all(file.is_file() for file in files.values())
    assert compiled_module(files.values()) == files[f"made_up_fast{EXTENSION_SUFFIXES[0]}"]
    assert compiled_module(module_files(["made_up_thing"]).values()) is None


def test_modules_without_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that nobody has, one that is built in, and one that was made and not imported."""
    monkeypatch.setitem(sys.modules, "made_up_elsewhere", type(sys)("made_up_elsewhere"))
    assert module_files(["made_up_nowhere", "sys", "made_up_elsewhere"]) == {}
