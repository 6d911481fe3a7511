"""The trace formats by name, open to other packages.

A package adds a format by an entry point of the group ``edgent.trace_formats`` that names a `TraceFormat`; a
program adds one by ``TRACE_FORMATS.add``.
"""

from itertools import chain

from edgent.bandwidth.trace_formats.bytes_ms import BytesMs
from edgent.bandwidth.trace_formats.json_periods import JsonPeriods
from edgent.bandwidth.trace_formats.mahimahi import Mahimahi
from edgent.bandwidth.trace_formats.named_columns import NamedColumns
from edgent.bandwidth.trace_formats.number_rows import first_line
from edgent.bandwidth.trace_formats.oboe_pairs import OboePairs
from edgent.bandwidth.trace_formats.raw_log import RawLog
from edgent.bandwidth.trace_formats.reading_options import TakesOptions
from edgent.bandwidth.trace_formats.trace_format import TraceFormat
from edgent.bandwidth.trace_formats.two_columns import TwoColumns
from edgent.bandwidth.trace_formats.ucc_log import UccLog
from edgent.core.registry import Registry
from edgent.errors import DataError

_OURS: dict[str, TraceFormat] = {
    "json": JsonPeriods(),
    "ucc": UccLog(),
    "csv": NamedColumns(),
    "mahimahi": Mahimahi(),
    "raw": RawLog(),
    "bytes-ms": BytesMs(),
    "oboe": OboePairs(),
    "seconds-mbps": TwoColumns("s", "Mbps"),
    "seconds-kbps": TwoColumns("s", "kbps"),
    "ms-kbps": TwoColumns("ms", "kbps"),
}
"""In the order in which they are asked: what is not paired as Oboe's traces are is `seconds Mbps`."""

TRACE_FORMATS: Registry[TraceFormat] = Registry(
    "trace format", "edgent.trace_formats", _OURS, wanted=TraceFormat
)
"""Ours and others'."""


def recognise(text: str) -> str:
    """The name of the first format that recognises a file's content: ours are asked first, then others'.

    Raises:
        DataError: none does.
    """
    # Others' are looked for among all installed packages, which takes longer than reading a trace.
    for name, trace_format in chain(_OURS.items(), TRACE_FORMATS.items()):
        if trace_format.recognises(text):
            return name
    line = first_line(text)
    if line is None:
        raise DataError("line 1: the file holds no samples; a trace needs at least one")
    number, words = line
    raise DataError(
        f"line {number}: {' '.join(words)[:60]!r} is of none of the trace formats "
        f"{', '.join(TRACE_FORMATS)}; name its columns by --time and --rate, or write "
        "a first line such as `time_s,uplink_mbps`"
    )


def recognise_table(text: str) -> str:
    """The name of the format of a table whose columns a user has named: that of a known set, or `csv`."""
    for name, trace_format in chain(_OURS.items(), TRACE_FORMATS.items()):
        if takes_columns(trace_format) and trace_format.recognises(text):
            return name
    return "csv"


def takes_columns(trace_format: TraceFormat) -> bool:
    """Whether it is a format of tables whose columns a user may name."""
    return isinstance(trace_format, TakesOptions) and trace_format.takes_columns
