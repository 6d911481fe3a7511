"""A folder of which `edgent deploy` replaces what it wrote itself, and nothing else.

A record in it says for which target and pipeline it was written, with which options, and what each file was
then.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from edgent.errors import ArchiveError
from edgent.file_digest import file_digest
from edgent.made_folder import make_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

Target = Literal["compose", "kubernetes", "systemd"]
RECORD = ".edgent-deploy.json"
OWN_CHANGES = "docs/how-to/own-changes.md"
"""The page on files that lie over those of a deployment."""
_FILLED_BY_THE_USER = {"secrets", "wheels"}
_NO_OPTIONS: Mapping[str, str] = MappingProxyType({})


class _Record(BaseModel):
    """What stands in the record: SHA-256 of each file, by its path in the folder; options that were given."""

    model_config = ConfigDict(strict=True, extra="forbid")

    target: Target
    pipeline: str
    files: dict[str, str]
    options: dict[str, str] = {}


@dataclass(frozen=True)
class OwnedFolder:
    """The folder of one deployment.

    Attributes:
        folder: where it is.
        target: what it is written for.
        pipeline: name of its pipeline.
        written: digest of each file that an earlier run wrote, by its path in the folder.
    """

    folder: Path
    target: Target
    pipeline: str
    written: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, target: Target, pipeline: str) -> OwnedFolder:
        """Make the folder, or see that it may be written once more.

        Raises:
            ArchiveError: it holds something else, or a file that was changed since it was written, or cannot
                be written; the message says what to do.
        """
        make_folder(folder, "--out")
        try:
            if not (folder / RECORD).exists():
                _check_empty(folder)
                owned = cls(folder, target, pipeline)
                owned._write_record({}, _NO_OPTIONS)
                return owned
            owned = cls(folder, target, pipeline, _recorded(folder, target, pipeline))
            owned._check_unchanged()
        except OSError as error:
            raise _unwritable(error, folder) from None
        return owned

    def write(self, files: Mapping[str, str | Path], options: Mapping[str, str] = _NO_OPTIONS) -> None:
        """Write files, and remove those of an earlier run that are not among them.

        All are written aside first: where the disk is full, what an earlier run wrote stays as it is.

        Args:
            files: texts, or files to be copied, by their paths in the folder.
            options: that were given, by their names, for a later run to go by.

        Raises:
            ArchiveError: somebody else's file is in the way, or one cannot be read or written.
        """
        foreign = [name for name in files if name not in self.written and (self.folder / name).exists()]
        if foreign:
            raise ArchiveError(
                f"{_listed(self.folder, foreign)} exists and was not written by edgent deploy: move it away, "
                "or name another folder with --out"
            )
        try:
            with TemporaryDirectory(prefix=".new-", dir=self.folder) as aside:
                _write_all(Path(aside), files)
                for name in self.written.keys() - files.keys():
                    (self.folder / name).unlink(missing_ok=True)
                for name in files:
                    (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                    Path(aside, name).replace(self.folder / name)
            self._write_record({name: file_digest(self.folder / name) for name in files}, options)
        except OSError as error:
            raise _unwritable(error, self.folder) from None

    def _check_unchanged(self) -> None:
        present = [name for name in self.written if (self.folder / name).exists()]
        changed = [name for name in present if file_digest(self.folder / name) != self.written[name]]
        if changed:
            raise ArchiveError(
                f"{_listed(self.folder, changed)} was changed since edgent deploy wrote it: move it away, "
                f"run this again, and keep the change in a file of your own; {OWN_CHANGES} says how"
            )

    def _write_record(self, files: Mapping[str, str], options: Mapping[str, str]) -> None:
        record = _Record(target=self.target, pipeline=self.pipeline, files=dict(files), options=dict(options))
        (self.folder / RECORD).write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _write_all(folder: Path, files: Mapping[str, str | Path]) -> None:
    """Write texts, and copy files, by their paths in a folder."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, target)
        else:
            target.write_text(content, encoding="utf-8")


def recorded_options(folder: Path, target: Target) -> dict[str, str]:
    """The options of the run that wrote a folder for a target; none where none did."""
    try:
        record = _Record.model_validate_json((folder / RECORD).read_bytes())
    except (OSError, ValidationError):  # whoever opens the folder says so
        return {}
    return record.options if record.target == target else {}


def _check_empty(folder: Path) -> None:
    found = sorted(path.name for path in folder.iterdir() if path.name not in _FILLED_BY_THE_USER)
    if found:
        raise ArchiveError(
            f"{folder} holds {found[0]}, and was not written by edgent deploy: name a new folder with --out"
        )


def _recorded(folder: Path, target: Target, pipeline: str) -> dict[str, str]:
    try:
        record = _Record.model_validate_json((folder / RECORD).read_bytes())
    except ValidationError:
        record = None
    if record is None or any(_leads_out(name) for name in record.files):
        raise ArchiveError(
            f"{folder / RECORD} is no record of edgent deploy: name a new folder with --out, and move "
            f"{folder / 'secrets'} there"
        )
    if (record.target, record.pipeline) != (target, pipeline):
        raise ArchiveError(
            f"{folder} holds what deploys {record.pipeline} by {record.target}, not {pipeline} by {target}: "
            "name another folder with --out, or remove this one if nothing needs it"
        )
    return record.files


def _leads_out(name: str) -> bool:
    """Whether a path of a record leads out of its folder, or is none that a file can have."""
    return Path(name).is_absolute() or ".." in Path(name).parts or "\0" in name


def _listed(folder: Path, names: list[str]) -> str:
    more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
    return f"{folder / names[0]}{more}"


def _unwritable(error: OSError, folder: Path) -> ArchiveError:
    return ArchiveError(f"cannot write {error.filename or folder}: {error.strerror}")
