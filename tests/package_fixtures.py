"""A made-up package that adds to edgent's registries."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from joblib.externals.loky import get_reusable_executor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.core.registry import Registry


class MadeUpPackage(Protocol):
    """Installs a package, as far as Python can tell."""

    def __call__(self, registry: Registry[Any], entry_point: str, module: str) -> None:
        """Declare an entry point, such as ``flowers = made_up:FLOWERS``, and write the module ``made_up``."""


@pytest.fixture
def made_up_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeUpPackage]:
    """A package that is there for one test: no registry remembers it afterwards."""
    folder = tmp_path / "site-packages"

    def install(registry: Registry[Any], entry_point: str, module: str) -> None:
        package = folder / "made_up-1.0.dist-info"
        package.mkdir(parents=True)
        (package / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
        (package / "entry_points.txt").write_text(f"[{registry.group}]\n{entry_point}\n")
        (folder / "made_up.py").write_text(module)
        monkeypatch.syspath_prepend(folder)
        monkeypatch.setattr(registry, "_items", dict(registry._items))

    _forget_processes()
    yield install
    _forget_processes()
    sys.modules.pop("made_up", None)


def _forget_processes() -> None:
    """End the processes that joblib keeps for the next command: they know what could be imported before."""
    get_reusable_executor().shutdown(wait=True)
