"""A made-up package that adds to edgent's registries."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MadeUpPackage = Callable[[str, str], None]


@pytest.fixture
def made_up_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeUpPackage]:
    """Installs, as far as Python can tell, a package: its entry points, and its module ``made_up``."""
    folder = tmp_path / "site-packages"

    def install(entry_points: str, module: str) -> None:
        package = folder / "made_up-1.0.dist-info"
        package.mkdir(parents=True)
        (package / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
        (package / "entry_points.txt").write_text(entry_points)
        (folder / "made_up.py").write_text(module)
        monkeypatch.syspath_prepend(folder)

    yield install
    sys.modules.pop("made_up", None)
