"""Digests of a folder's files, as ``sha256sum`` has them: what was made, and whether it is still the same."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from edgent.errors import ArchiveError
from edgent.file_digest import file_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SUMS = "SHA256SUMS"
_MOST_NAMED = 3


def write_checksums(folder: Path) -> None:
    """Write the digest of every file of a folder into it.

    Raises:
        ArchiveError: a file's name holds what the format cannot.
        OSError: it cannot be written.
    """
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    lines = []
    for file in files:
        name = file.relative_to(folder).as_posix()
        if not name.isprintable() or "\\" in name:
            raise ArchiveError(f"{name!r} cannot stand in {SUMS}: rename the file")
        lines.append(f"{file_digest(file)}  {name}\n")
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def replace_with(made: Path, folder: Path) -> None:
    """Move what was made into a folder, in place of what was made for it before, and of nothing else.

    Where that fails on its way, or is interrupted, the folder is as it was before. A process that is killed
    meanwhile leaves checksums with files missing, which the next run completes: the checksums are the last to
    go and the first to come.

    Args:
        made: a folder with its checksums, on the same disk; another one is made beside it for a moment.
        folder: what lies there beside an earlier run's files stays.

    Raises:
        ArchiveError: a file is in the way that no earlier run made, or one that was changed since.
        OSError: something cannot be moved.
    """
    before, now = read_checksums(folder), read_checksums(made)
    _check_nothing_else(folder, before, now)
    with TemporaryDirectory(prefix=".before-", dir=made.parent) as aside, ExitStack() as undo:
        undo.callback(_remove_empty, folder, [*now])
        for name in (*before, SUMS):
            if (folder / name).exists():
                _move(folder / name, Path(aside, name), undo)
        for name in (SUMS, *now):
            _move(made / name, folder / name, undo)
        undo.pop_all()
    _remove_empty(folder, [name for name in before if name not in now])


def _check_nothing_else(folder: Path, before: Mapping[str, str], now: Iterable[str]) -> None:
    """Refuse to replace what no earlier run made.

    Args:
        folder: where files are to be replaced.
        before: digests of an earlier run's files.
        now: names of the files that take their places.

    Raises:
        ArchiveError: there is something else in a file's place.
    """
    changed = [name for name, digest in before.items() if _is_other(folder / name, digest)]
    foreign = [name for name in (*now, SUMS) if name not in before and (folder / name).exists()]
    if before:
        foreign.remove(SUMS)
    kept = sorted({*changed, *foreign})
    if kept:
        more = f" and {len(kept) - _MOST_NAMED} more" if len(kept) > _MOST_NAMED else ""
        raise ArchiveError(
            f"{folder} holds {', '.join(kept[:_MOST_NAMED])}{more}, which no earlier run made as "
            "it is now: move it away, or name another --out"
        )


def _move(source: Path, target: Path, undo: ExitStack) -> None:
    """Move a file, and back again where what follows fails."""
    undo.callback(_move_back, target, source)
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def _move_back(moved: Path, origin: Path) -> None:
    if moved.exists():
        moved.replace(origin)


def read_checksums(folder: Path) -> dict[str, str]:
    """Digests by the names of the files; nothing where the folder has none.

    Raises:
        ArchiveError: they are no checksums of files in this folder.
    """
    file = folder / SUMS
    if not file.is_file():
        return {}
    found: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        digest, _, name = line.partition("  ")
        if not name or ".." in PurePosixPath(name).parts or name.startswith("/"):
            raise ArchiveError(f"{file}: {line!r} is no checksum of a file beside it; name another --out")
        found[name] = digest
    return found


def _remove_empty(folder: Path, gone: list[str]) -> None:
    """Remove the folders that files have left empty."""
    for name in gone:
        for parent in (folder / name).parents:
            if parent == folder or not parent.is_dir() or any(parent.iterdir()):
                break
            parent.rmdir()


def _is_other(file: Path, digest: str) -> bool:
    return file.exists() and file_digest(file) != digest
