"""Source that an archive carries, of edgent and of other packages, for a TorchServe without them."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.machinery import SOURCE_SUFFIXES
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from edgent.core.codecs import CODECS
from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.core.registry import Registry
from edgent.errors import ArchiveError
from edgent.installed_modules import compiled_module, module_files, top_level_modules


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

    A codec is carried with the whole top-level module or package that it lives in, and with the others of the
    same distribution. What these import beyond themselves, edgent and an edge's libraries has to be installed
    in TorchServe's environment.

    Args:
        names: codecs that a spec offers.

    Raises:
        ArchiveError: a codec has no source that a file holds, or lives beside compiled modules.
    """
    return _carried(CODECS, names)


def carried_measures(names: Iterable[str]) -> Carried:
    """The source of all measures of confidence among these that are not edgent's own.

    Raises:
        ArchiveError: a measure has no source that a file holds, or lives beside compiled modules.
    """
    return _carried(CONFIDENCES, names)


def _carried(registry: Registry[Any], names: Iterable[str]) -> Carried:
    foreign = [name for name in dict.fromkeys(names) if not registry.is_own(name)]
    places = {name: _place(registry, name) for name in foreign}
    files: dict[str, bytes] = {}
    for name, (_, modules) in places.items():
        files |= _source(f"{registry.kind} {name!r}", *modules)
    return Carried({name: reference for name, (reference, _) in places.items()}, files)


def _place(registry: Registry[Any], name: str) -> tuple[str, tuple[str, ...]]:
    """Where an installed package declares an item, or the module of its class holds it.

    Returns:
        The reference, and the top-level modules to carry, the item's own first.
    """
    for entry in entry_points(group=registry.group, name=name):
        own = entry.module.partition(".")[0]
        return entry.value, (own,) if entry.dist is None else top_level_modules(entry.dist, [own])
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
            return f"{module_name}:{attribute}", (module_name.partition(".")[0],)
    raise ArchiveError(
        f"{what}: no variable of module {module_name}, where its class is, holds it, so no archive "
        f"can name it; hold it in one, or declare it as an entry point of {registry.group}"
    )


def _source(what: str, own: str, *others: str) -> dict[str, bytes]:
    """All Python files of the top-level module or package that holds something, and of others beside it."""
    compiled = compiled_module(module_files([own]).values())
    if compiled is not None:
        raise ArchiveError(
            f"{what}: package {own} holds the compiled module {compiled}, and an archive "
            "carries Python files only; move it into a package without compiled modules"
        )
    found = module_files([own, *others])
    files = {place: file.read_bytes() for place, file in found.items() if file.suffix in SOURCE_SUFFIXES}
    if not files:
        raise ArchiveError(
            f"{what}: module {own} has no Python file that an archive could carry; move it into a module file"
        )
    return files
