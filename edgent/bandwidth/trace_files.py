"""Folders of trace files, in natural order: pairs are put together, files that are no traces are left out."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgent.bandwidth.trace_file import ReadTrace, read_trace
from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.bandwidth.trace_formats.registry import TRACE_FORMATS
from edgent.bandwidth.trace_pair import paired
from edgent.bandwidth.traces import BandwidthTrace
from edgent.errors import DataError

MAX_FILES = 10_000
"""Most traces in one folder and the folders in it."""

_LOG = logging.getLogger(__name__)
_NO_TRACE = re.compile(r"^\.|\.(md|rst|pdf|png)$|^(readme|license|copying|notice|sources)\b", re.IGNORECASE)
_MOST_REASONS = 3
"""Reasons that an error gives for a folder of which no file can be read."""


@dataclass(frozen=True)
class TraceFolder:
    """What a folder of traces holds.

    Attributes:
        read: its traces, at least one, with what each was taken for.
        left_out: reasons why the other files are not among them, one for each.
    """

    read: tuple[ReadTrace, ...]
    left_out: tuple[str, ...]


def load_trace(path: Path, trace_format: str | None = None) -> BandwidthTrace:
    """Read one trace; its name is `folder/stem`, its time counts from its first sample.

    Args:
        path: A text file in one of the `TRACE_FORMATS`; `NAME.up` with a `NAME.down` beside it is
            one trace of both directions.
        trace_format: Name of its format where the content does not tell; by default it is recognised.

    Raises:
        UnknownNameError: No such format.
        DataError: Missing, too large, empty, malformed or implausible; the message gives file and line.
    """
    options, down = ReadingOptions(trace_format), path.with_suffix(".down")
    read = read_trace(path, options)
    if path.suffix == ".up" and down.exists():
        read = paired(read, read_trace(down, options))
    return read.trace


def load_traces(folder: Path, options: ReadingOptions | None = None) -> tuple[BandwidthTrace, ...]:
    """The traces of `read_folder` alone; what it leaves out is logged as a warning."""
    contents = read_folder(folder, options)
    for reason in contents.left_out:
        _LOG.warning("left out: %s", reason)
    return tuple(read.trace for read in contents.read)


def read_folder(folder: Path, options: ReadingOptions | None = None) -> TraceFolder:
    """Read every trace in a folder and the folders below it, in natural order (trace_2 before trace_10).

    Hidden files, readmes and licences are passed over. `NAME.up` and `NAME.down` are one trace; what is wrong
    with one of them leaves out both.

    Raises:
        UnknownNameError: The options name no known format.
        DataError: No such folder, no file in it, too many, or none that can be read.
    """
    options = options or ReadingOptions()
    if options.trace_format is not None:
        TRACE_FORMATS[options.trace_format]  # an unknown one is no fault of the files
    read: list[ReadTrace] = []
    left_out: list[str] = []
    for paths in _grouped(_trace_paths(folder)):
        try:
            traces = [read_trace(path, options) for path in paths]
            read.append(traces[0] if len(traces) == 1 else paired(*traces))
        except DataError as error:
            left_out.append(str(error))
    if not read:
        more = f"; and {len(left_out) - _MOST_REASONS} more" if len(left_out) > _MOST_REASONS else ""
        raise DataError(
            f"{folder}: holds no trace that can be read: {'; '.join(left_out[:_MOST_REASONS])}{more}"
        )
    return TraceFolder(tuple(read), tuple(left_out))


def _trace_paths(folder: Path) -> list[Path]:
    if not folder.is_dir():
        wanted = "a file; name the folder that it lies in" if folder.is_file() else "no such folder of traces"
        raise DataError(f"{folder}: {wanted}")
    paths = sorted((path for path in folder.rglob("*") if _is_trace(path, folder)), key=_natural_key)
    if not paths:
        raise DataError(f"{folder}: holds no traces")
    if len(paths) > MAX_FILES:
        raise DataError(
            f"{folder}: {len(paths)} files, over the limit of {MAX_FILES}; choose a smaller folder"
        )
    return paths


def _grouped(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    """The files of each trace: `.up` and `.down` of the same name together, the upload first."""
    there = set(paths)
    groups: list[tuple[Path, ...]] = []
    for path in paths:
        up, down = path.with_suffix(".up"), path.with_suffix(".down")
        if path in (up, down) and {up, down} <= there:
            if path == up:
                groups.append((up, down))
        else:
            groups.append((path,))
    return groups


def _is_trace(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    hidden = any(part.startswith(".") for part in parts)
    return not hidden and path.is_file() and _NO_TRACE.search(path.name) is None


def _natural_key(path: Path) -> list[tuple[bool, int, str]]:
    words = re.split(r"(\d+)", str(path))
    return [(word.isdecimal(), int(word) if word.isdecimal() else 0, word) for word in words]
