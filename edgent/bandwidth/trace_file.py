"""One trace file: its format is recognised by content, or told."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgent.bandwidth.trace_formats.plausibility import check_plausible
from edgent.bandwidth.trace_formats.reading_options import ReadingOptions, TakesOptions
from edgent.bandwidth.trace_formats.registry import (
    TRACE_FORMATS,
    recognise,
    recognise_table,
    takes_columns,
)
from edgent.bandwidth.trace_formats.trace_format import Samples
from edgent.bandwidth.traces import BandwidthTrace, sample_fault
from edgent.errors import DataError, PluginError

MAX_FILE_BYTES = 32 * 1024 * 1024
"""Largest trace file: a day of raw log lines is a fifth of it."""


@dataclass(frozen=True)
class ReadTrace:
    """A trace, and what its file was taken for.

    Attributes:
        trace: named `folder/stem`; its time counts from its first sample.
        trace_format: name of the format.
        reading: what was recognised in it with its units, for people.
        dropped_rows: rows that the format's rules left out.
        unpaired_samples: at the end of the longer one of an uplink and a downlink, left out.
    """

    trace: BandwidthTrace
    trace_format: str
    reading: str
    dropped_rows: int = 0
    unpaired_samples: int = 0


def read_trace(path: Path, options: ReadingOptions) -> ReadTrace:
    """Read a text file in one of the `TRACE_FORMATS`.

    Raises:
        UnknownNameError: no such format.
        DataError: missing, too large, empty, malformed, or implausible as what it was recognised; the message
            gives file and line.
    """
    text = _text(path)
    try:
        name, samples = samples_in(text, options)
    except DataError as error:
        raise DataError(f"{path}, {error}") from None
    trace = BandwidthTrace(
        f"{path.resolve().parent.name}/{path.stem}",
        samples.start_s - samples.start_s[0],
        samples.duration_s,
        samples.bandwidth_bps,
        samples.download_bps,
    )
    return ReadTrace(trace, name, samples.reading, samples.dropped_rows)


def samples_in(text: str, options: ReadingOptions) -> tuple[str, Samples]:
    """The name of the format that a file's content is in, and its samples.

    Raises:
        UnknownNameError: no such format.
        DataError: empty, malformed, or implausible as what it was recognised; the message has the line.
        PluginError: the format of another package does not give samples.
    """
    name = options.trace_format or (recognise_table(text) if options.names_columns else recognise(text))
    samples = _samples(name, text, options)
    fault = sample_fault(samples.start_s, samples.duration_s, samples.bandwidth_bps, samples.download_bps)
    if fault is not None:
        index, problem = fault
        raise DataError(f"line {samples.line[index]}: {problem}")
    if options.trace_format is None:
        check_plausible(name, samples, text)
    return name, samples


def _text(path: Path) -> str:
    try:
        size_bytes = path.stat().st_size
        if size_bytes > MAX_FILE_BYTES:
            raise DataError(
                f"{path}: {size_bytes} bytes, over the limit of {MAX_FILE_BYTES}; split the trace"
            )
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise DataError(f"{path}: not a text file; traces are text or JSON") from None


def _samples(name: str, text: str, options: ReadingOptions) -> Samples:
    trace_format = TRACE_FORMATS[name]
    if options.names_columns and not takes_columns(trace_format):
        raise DataError(
            f"line 1: --time, --rate, --up and --down name columns of a table, and {name} is none; "
            "leave them out or give --format csv"
        )
    if isinstance(trace_format, TakesOptions):
        trace_format = trace_format.with_options(options)
    samples = trace_format.parse(text)
    if not isinstance(samples, Samples):
        raise PluginError(f"trace format {name!r} parses {samples!r}; it must give Samples")
    given = (samples.start_s, samples.duration_s, samples.bandwidth_bps, samples.download_bps)
    if not all(values is None or isinstance(values, np.ndarray) for values in given):
        raise PluginError(f"trace format {name!r} gives Samples of lists; their numbers must be numpy arrays")
    return samples
