"""The codecs of other packages that an archive carries, for a TorchServe where those are not installed."""

import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES
from importlib.metadata import entry_points
from pathlib import Path

from edgent.core.codecs import CODECS
from edgent.core.codecs.codec_registry import FIRST_FOREIGN_NUMBER
from edgent.errors import ArchiveError


@dataclass(frozen=True)
class CarriedCodecs:
    """What the archive of a head needs for codecs that are not edgent's own.

    Attributes:
        references: where each codec is, by its name, e.g. ``package.module:CODEC``.
        files: the source of the modules that hold them, by path in the archive.
    """

    references: dict[str, str]
    files: dict[str, bytes]


def carried_codecs(names: Iterable[str]) -> CarriedCodecs:
    """The source of all codecs among these that are not edgent's own.

    A codec is carried with the whole top-level module or package that it lives in. What that imports beyond
    itself, edgent and an edge's libraries has to be installed in TorchServe's environment.

    Args:
        names: codecs that a spec offers.

    Raises:
        ArchiveError: a codec has no source that a file holds, or lives beside compiled modules.
    """
    foreign = [name for name in dict.fromkeys(names) if CODECS[name].number >= FIRST_FOREIGN_NUMBER]
    references = {name: _reference(name) for name in foreign}
    files: dict[str, bytes] = {}
    for name, reference in references.items():
        files |= _source(name, reference.partition(":")[0].partition(".")[0])
    return CarriedCodecs(references, files)


def _reference(name: str) -> str:
    """Where an installed package declares a codec, or the module of its class holds it."""
    for entry in entry_points(group=CODECS.group, name=name):
        return entry.value
    codec = CODECS[name]
    module_name = type(codec).__module__
    if module_name == "__main__":
        raise ArchiveError(
            f"codec {name!r} is defined in a notebook or in the program itself, so no archive can carry it; "
            "move it into a module of its own"
        )
    module = sys.modules.get(module_name)
    for attribute, value in vars(module).items() if module else ():
        if value is codec:
            return f"{module_name}:{attribute}"
    raise ArchiveError(
        f"codec {name!r}: no variable of module {module_name}, where its class is, holds it, so no archive "
        f"can name it; hold it in one, or declare it as an entry point of {CODECS.group}"
    )


def _source(name: str, top_level: str) -> dict[str, bytes]:
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
            f"codec {name!r}: package {top_level} holds the compiled module {compiled[0]}, and an archive "
            "carries Python files only; move the codec into a package without compiled modules"
        )
    files = {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file, root in roots.items()
        if file.suffix in SOURCE_SUFFIXES and file.is_file()
    }
    if not files:
        raise ArchiveError(
            f"codec {name!r}: module {top_level} has no Python file that an archive could carry; "
            "move the codec into a module file"
        )
    return files
