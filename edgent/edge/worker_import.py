"""Imports what an archive carries as a worker does: from the unpacked archive, with its part of edgent.

A program, which nothing imports: ``python worker_import.py FOLDER REFERENCES``. The references are JSON,
``{"codec 'half'": "package.module:HALF"}``. It prints JSON: under ``failed`` what each one that cannot be
loaded fails of, and under ``loaded`` the carried files that were run, but for edgent's own.
"""

from __future__ import annotations

import json
import sys
import traceback
from importlib.metadata import EntryPoint
from pathlib import Path


def _failures(folder: str, references: dict[str, str]) -> dict[str, str]:
    """The file and the reason of each failure, by what fails."""
    failed = {}
    for name, reference in references.items():
        try:
            EntryPoint(name, reference, "").load()
        except (Exception, SystemExit) as error:  # noqa: BLE001  another package's import can fail in any way
            files = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]
            carried = [file.relative_to(folder) for file in files if file.is_relative_to(folder)]
            where = f"{carried[-1].as_posix()}: " if carried else ""
            failed[name] = f"{where}{type(error).__name__}: {error}"
    return failed


def _loaded(folder: str) -> list[str]:
    """The carried files of modules that are imported now, but for edgent's."""
    files = [
        Path(file)
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] != "edgent" and isinstance(file := getattr(module, "__file__", None), str)
    ]
    return sorted(file.relative_to(folder).as_posix() for file in files if file.is_relative_to(folder))


if __name__ == "__main__":
    _here, (_folder, _references) = str(Path(__file__).parent), sys.argv[1:]
    sys.path[:] = [_folder, *(entry for entry in sys.path if entry not in ("", _here))]
    sys.modules["device_runtime"] = None  # type: ignore[assignment]  # an edge need not have it
    _output, sys.stdout = sys.stdout, sys.stderr  # modules may print
    _found = _failures(_folder, json.loads(_references))
    json.dump({"failed": _found, "loaded": _loaded(_folder)}, _output)
