"""Whether a worker can import what archives carry of other packages: asked before archives are written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from edgent.edge.carried import carried_codecs, carried_measures, edgent_files
from edgent.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PROGRAM = Path(__file__).with_name("worker_import.py")


def check_importable(codecs: Iterable[str], measures: Iterable[str]) -> None:
    """Import codecs and measures of other packages in a process that has of edgent what a worker has.

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
    failed = _failures(files, references)
    if failed:
        reasons = "\n".join(f"{what} ({references[what]}): {reason}" for what, reason in failed.items())
        raise ArchiveError(
            f"no worker on an edge can import this:\n{reasons}\n"
            "an archive carries edgent.core and edgent.errors, and no other part of edgent; all else has to "
            "be installed in TorchServe's environment: put what archives carry into a module of its own, "
            "outside packages that import more"
        )


def _failures(files: Mapping[str, bytes], references: Mapping[str, str]) -> dict[str, str]:
    """What cannot be loaded from an unpacked archive of these files, and why."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with TemporaryDirectory(prefix="edgent-import-") as folder:
        for path, content in files.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        done = subprocess.run(  # noqa: S603  our own program
            [sys.executable, str(_PROGRAM), folder, json.dumps(references)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",  # modules may print anything
            check=False,
        )
    try:
        failed: dict[str, str] = json.loads(done.stdout)
    except ValueError:  # the import ended the process
        last = [*done.stderr.strip().splitlines()[-1:], f"exit code {done.returncode}"][0]
        return dict.fromkeys(references, last)
    return failed
