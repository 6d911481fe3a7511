"""The trace formats by name, open to other packages.

A package adds a format by an entry point of the group ``edgent.trace_formats`` that names a `TraceFormat`; a
program adds one by ``TRACE_FORMATS.add``.
"""

from edgent.bandwidth.trace_formats.json_periods import JsonPeriods
from edgent.bandwidth.trace_formats.number_rows import first_line
from edgent.bandwidth.trace_formats.oboe_pairs import OboePairs
from edgent.bandwidth.trace_formats.raw_log import RawLog
from edgent.bandwidth.trace_formats.seconds_mbps import SecondsMbps
from edgent.bandwidth.trace_formats.trace_format import TraceFormat
from edgent.core.registry import Registry
from edgent.errors import DataError

TRACE_FORMATS: Registry[TraceFormat] = Registry(
    "trace format",
    "edgent.trace_formats",
    {"json": JsonPeriods(), "raw": RawLog(), "oboe": OboePairs(), "seconds-mbps": SecondsMbps()},
    wanted=TraceFormat,
)
"""In the order in which they are asked: what is not paired as Oboe's traces are is `seconds Mbps`."""


def recognise(text: str) -> str:
    """The name of the first format that recognises a file's content: ours are asked first, then others'.

    Raises:
        DataError: none does.
    """
    for name, trace_format in TRACE_FORMATS.items():
        if trace_format.recognises(text):
            return name
    line = first_line(text)
    if line is None:
        raise DataError("line 1: the file holds no samples; a trace needs at least one")
    number, words = line
    raise DataError(
        f"line {number}: {' '.join(words)[:60]!r} is of none of the trace formats "
        f"{', '.join(TRACE_FORMATS)}; write lines of `seconds Mbps`"
    )
