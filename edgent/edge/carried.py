"""Source that an archive carries, of edgent and of other packages, for a TorchServe without them."""

import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from edgent.core.codecs import CODECS
from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.core.registry import Registry
from edgent.errors import ArchiveError


@dataclass(frozen=True)
class Carried:
    """What an archive needs for codecs or measures that are not edgent's own.

    Attributes:
        references: where each of them is, by its name, e.g. ``package.module:CODEC``.
        files: the source of the modules that hold them, by path in the archive.
    """

    references: dict[str, str]
    files: dict[str, bytes]


def edgent_files() -> dict[str, bytes]:
    """The part of edgent that handlers import, which every archive holds, by path in the archive."""
    package = Path(__file__).parents[1]
    sources = [package / "__init__.py", package / "errors.py", *(package / "core").rglob("*.py")]
    return {source.relative_to(package.parent).as_posix(): source.read_bytes() for source in sources}


def carried_codecs(names: Iterable[str]) -> Carried:
    """The source of all codecs among these that are not edgent's own.

    A codec is carried with the whole top-level module or package that it lives in. What that imports beyond
    itself, edgent and an edge's libraries has to be installed in TorchServe's environment.

    Args:
        names: codecs that a spec offers.

    Raises:
        ArchiveError: a codec has no source that a file holds, or lives beside compiled modules.
    """
    return _carried(CODECS, names)


def carried_measures(names: Iterable[str]) -> Carried:
    """The same of measures of confidence.

    Raises:
        ArchiveError: a measure has no source that a file holds, or lives beside compiled modules.
    """
    return _carried(CONFIDENCES, names)


def _carried(registry: Registry[Any], names: Iterable[str]) -> Carried:
    foreign = [name for name in dict.fromkeys(names) if not registry.is_own(name)]
    references = {name: _reference(registry, name) for name in foreign}
    files: dict[str, bytes] = {}
    for name, reference in references.items():
        files |= _source(f"{registry.kind} {name!r}", reference.partition(":")[0].partition(".")[0])
    return Carried(references, files)


def _reference(registry: Registry[Any], name: str) -> str:
    """Where an installed package declares an item, or the module of its class holds it."""
    for entry in entry_points(group=registry.group, name=name):
        return entry.value
    item, what = registry[name], f"{registry.kind} {name!r}"
    module_name = type(item).__module__
    if module_name == "__main__":
        raise ArchiveError(
            f"{what} is defined in a notebook or in the program itself, so no archive can carry it; "
            "move it into a module of its own"
        )
    module = sys.modules.get(module_name)
    for attribute, value in vars(module).items() if module else ():
        if value is item:
            return f"{module_name}:{attribute}"
    raise ArchiveError(
        f"{what}: no variable of module {module_name}, where its class is, holds it, so no archive "
        f"can name it; hold it in one, or declare it as an entry point of {registry.group}"
    )


def _source(what: str, top_level: str) -> dict[str, bytes]:
    """All Python files of a top-level module or package, by path in an archive."""
    try:
        spec = importlib.util.find_spec(top_level)
    except ValueError:  # a module that was made and not imported
        spec = None
    folders = [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]
    if folders:
        roots = {file: folder.parent for folder in folders for file in sorted(folder.rglob("*.*"))}
    elif spec is not None and spec.origin is not None:
        roots = {Path(spec.origin): Path(spec.origin).parent}
    else:
        roots = {}
    compiled = [file for file in roots if file.name.endswith(tuple(EXTENSION_SUFFIXES))]
    if compiled:
        raise ArchiveError(
            f"{what}: package {top_level} holds the compiled module {compiled[0]}, and an archive "
            "carries Python files only; move it into a package without compiled modules"
        )
    files = {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file, root in roots.items()
        if file.suffix in SOURCE_SUFFIXES and file.is_file()
    }
    if not files:
        raise ArchiveError(
            f"{what}: module {top_level} has no Python file that an archive could carry; "
            "move it into a module file"
        )
    return files
