"""Packages that carried modules import, and that nobody says an edge has."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ON_AN_EDGE = frozenset({"numpy", "onnxruntime", "PIL", "backports", "edgent"})
"""What archives bring or require (`edgent.edge.registration`), as it is imported."""
_TORCHSERVES_OWN = frozenset({"torch", "ts", "psutil", "packaging", "yaml", "setuptools", "pkg_resources"})
"""What TorchServe's workers import by themselves."""


def undeclared_imports(files: Mapping[str, bytes], loaded: Iterable[str]) -> dict[str, list[str]]:
    """The packages that carried files import and that an edge need not have, by file; only files with some.

    Whatever is installed here: it is the source that is looked at, imports inside of functions included.

    Args:
        files: all that an archive carries, by path.
        loaded: the paths of those that a worker runs.
    """
    carried = {path.partition("/")[0].removesuffix(".py") for path in files}
    known = carried | ON_AN_EDGE | _TORCHSERVES_OWN | sys.stdlib_module_names
    found = {path: sorted({*_imported(files[path])} - known) for path in loaded if path in files}
    return {path: packages for path, packages in found.items() if packages}


def _imported(source: bytes) -> Iterator[str]:
    """The top-level names that a file imports; relative imports stay in its package."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0]
