"""Whether a worker can import what archives carry of other packages: asked before archives are written."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from edgent.edge.carried import carried_codecs, carried_measures, edgent_files
from edgent.edge.undeclared_imports import undeclared_imports
from edgent.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LOG = logging.getLogger(__name__)
_PROGRAM = Path(__file__).with_name("worker_import.py")
_LONGEST_IMPORT_S = 120.0
"""So long TorchServe waits for a worker to start."""


def check_importable(codecs: Iterable[str], measures: Iterable[str]) -> None:
    """Import codecs and measures of other packages in a process that has of edgent what a worker has.

    That process has the packages that are installed here. Which of those that are imported an edge need not
    have is told by a warning.

    Args:
        codecs: those that a spec offers.
        measures: those of confidence that it uses.

    Raises:
        ArchiveError: one cannot be carried, or its module cannot be imported there: every worker would die.
    """
    by_kind = {"codec": carried_codecs(codecs), "measure of confidence": carried_measures(measures)}
    references = {
        f"{kind} {name!r}": reference
        for kind, carried in by_kind.items()
        for name, reference in carried.references.items()
    }
    if not references:
        return
    files = edgent_files()
    for carried in by_kind.values():
        files |= carried.files
    tried = _tried(files, references)
    if tried.failed:
        reasons = "\n".join(f"{what} ({references[what]}): {reason}" for what, reason in tried.failed.items())
        raise ArchiveError(
            f"no worker on an edge can import this:\n{reasons}\n"
            "an archive carries edgent.core and edgent.errors, and no other part of edgent; all else has to "
            "be installed in TorchServe's environment: put what archives carry into a module of its own, "
            "outside packages that import more"
        )
    for path, packages in undeclared_imports(files, tried.loaded).items():
        _LOG.warning(
            "%s imports %s, which no archive brings or asks for: install it in TorchServe's environment, too",
            path,
            ", ".join(packages),
        )


@dataclass(frozen=True)
class _Tried:
    """What came of importing.

    Attributes:
        failed: why, by what could not be loaded.
        loaded: paths of the carried files that were run, but for edgent's own.
    """

    failed: dict[str, str]
    loaded: tuple[str, ...] = ()


def _tried(files: Mapping[str, bytes], references: Mapping[str, str]) -> _Tried:
    """What can be loaded from an unpacked archive of these files, and why the rest cannot."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with TemporaryDirectory(prefix="edgent-import-") as folder:
        for path, content in files.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        try:
            done = subprocess.run(  # noqa: S603  our own program
                [sys.executable, str(_PROGRAM), folder, json.dumps(references)],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",  # modules may print anything
                check=False,
                timeout=_LONGEST_IMPORT_S,
            )
        except subprocess.TimeoutExpired:
            late = f"its import has not ended after {_LONGEST_IMPORT_S:g} s: see what the module waits for"
            return _Tried(dict.fromkeys(references, late))
    try:
        said = json.loads(done.stdout)
    except ValueError:  # the import ended the process
        last = [*done.stderr.strip().splitlines()[-1:], f"exit code {done.returncode}"][0]
        return _Tried(dict.fromkeys(references, last))
    return _Tried(said["failed"], tuple(said["loaded"]))
