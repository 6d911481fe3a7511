"""Trace files and folders of them: the format is recognised by content, the order is natural."""

import re
from pathlib import Path

from edgent.bandwidth.trace_formats.registry import TRACE_FORMATS, recognise
from edgent.bandwidth.traces import BandwidthTrace, sample_fault
from edgent.errors import DataError

MAX_FILE_BYTES = 32 * 1024 * 1024
"""Largest trace file: a day of raw log lines is a fifth of it."""
MAX_FILES = 10_000
"""Most traces in one folder and the folders in it."""

_NO_TRACE = re.compile(r"^\.|\.(md|rst|pdf|png)$|^(readme|license|copying|notice|sources)\b", re.IGNORECASE)


def load_trace(path: Path, trace_format: str | None = None) -> BandwidthTrace:
    """Read one trace; its name is `folder/stem`, its time counts from its first sample.

    Args:
        path: A text file in one of the `TRACE_FORMATS`.
        trace_format: Name of its format where the content does not tell; by default it is recognised.

    Raises:
        UnknownNameError: No such format.
        DataError: Missing, too large, empty or malformed; the message gives file and line.
    """
    try:
        size_bytes = path.stat().st_size
        if size_bytes > MAX_FILE_BYTES:
            raise DataError(
                f"{path}: {size_bytes} bytes, over the limit of {MAX_FILE_BYTES}; split the trace"
            )
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise DataError(f"{path}: not a text file; traces are text or JSON") from None
    try:
        samples = TRACE_FORMATS[trace_format or recognise(text)].parse(text)
    except DataError as error:
        raise DataError(f"{path}, {error}") from None
    fault = sample_fault(samples.start_s, samples.duration_s, samples.bandwidth_bps)
    if fault is not None:
        index, problem = fault
        raise DataError(f"{path}, line {samples.line[index]}: {problem}")
    return BandwidthTrace(
        f"{path.resolve().parent.name}/{path.stem}",
        samples.start_s - samples.start_s[0],
        samples.duration_s,
        samples.bandwidth_bps,
    )


def load_traces(folder: Path) -> tuple[BandwidthTrace, ...]:
    """Read every trace in a folder and the folders below it, in natural order (trace_2 before trace_10).

    Hidden files, readmes and licences are passed over; any other file must be a trace.

    Raises:
        DataError: No such folder, no trace in it, too many, or one of them malformed.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder of traces")
    paths = sorted((path for path in folder.rglob("*") if _is_trace(path, folder)), key=_natural_key)
    if not paths:
        raise DataError(f"{folder}: holds no traces")
    if len(paths) > MAX_FILES:
        raise DataError(
            f"{folder}: {len(paths)} files, over the limit of {MAX_FILES}; choose a smaller folder"
        )
    return tuple(load_trace(path) for path in paths)


def write_trace(trace: BandwidthTrace, path: Path) -> None:
    """Write a trace as `seconds Mbps` lines; durations other than the intervals between them are not kept."""
    lines = [
        f"{start_s:.9g} {bandwidth_bps / 1e6:.9g}\n"
        for start_s, bandwidth_bps in zip(trace.start_s, trace.bandwidth_bps, strict=True)
    ]
    path.write_text("".join(lines), encoding="utf-8")


def _is_trace(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    hidden = any(part.startswith(".") for part in parts)
    return not hidden and path.is_file() and _NO_TRACE.search(path.name) is None


def _natural_key(path: Path) -> list[tuple[bool, int, str]]:
    words = re.split(r"(\d+)", str(path))
    return [(word.isdecimal(), int(word) if word.isdecimal() else 0, word) for word in words]
