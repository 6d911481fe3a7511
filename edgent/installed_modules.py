"""The modules of packages that are installed here, for what carries them elsewhere: archives and bundles."""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import Distribution

_MODULES = (*SOURCE_SUFFIXES, *EXTENSION_SUFFIXES)


def top_level_modules(distribution: Distribution, named: Iterable[str]) -> tuple[str, ...]:
    """The top-level modules of a distribution, so that what one imports of another is not left behind.

    Args:
        distribution: an installed one.
        named: those of its top-level modules that are known anyway, which come first. An installation that
            refers to a checkout ("editable") does not say what it holds: of that these are all.
    """
    known = tuple(dict.fromkeys(named))
    recorded = {
        file.parts[0].partition(".")[0] for file in distribution.files or () if file.name.endswith(_MODULES)
    }
    others = sorted(name for name in recorded if name.isidentifier() and name not in known)
    return (*known, *others) if recorded.issuperset(known) else known


def module_files(modules: Iterable[str]) -> dict[str, Path]:
    """The files of top-level modules by their places in a folder of packages; without byte code.

    Data files of a package are among them. A module without a file has none.
    """
    found: dict[str, Path] = {}
    for module in modules:
        for file, site in _with_site(module):
            if file.is_file() and file.parent.name != "__pycache__":
                found[file.relative_to(site).as_posix()] = file
    return found


def compiled_module(files: Iterable[Path]) -> Path | None:
    """The first compiled module among files, which runs on one kind of machine only; None without any."""
    return next((file for file in files if file.name.endswith(tuple(EXTENSION_SUFFIXES))), None)


def _with_site(module: str) -> list[tuple[Path, Path]]:
    """What lies in a module's place, each with the folder of packages that it is in."""
    try:
        spec = find_spec(module)
    except ValueError:  # a module that was made and not imported
        spec = None
    if spec is None:
        return []
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    if not folders and spec.origin is not None:
        return [(Path(spec.origin), Path(spec.origin).parent)]
    return [(file, folder.parent) for folder in folders for file in sorted(folder.rglob("*"))]
