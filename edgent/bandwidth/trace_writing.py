"""A trace as the text of a file that is read back as the same trace."""

import numpy as np

from edgent.bandwidth.trace_file import samples_in
from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.bandwidth.traces import BandwidthTrace
from edgent.errors import DataError
from edgent.units import kbps


def trace_text(trace: BandwidthTrace) -> str:
    """Lines `seconds Mbps`; a table with names of both directions, or where bare lines would be misread.

    Durations other than the intervals between samples are not kept. A single sample is written as two halves:
    one line would not say how long it holds.

    Raises:
        DataError: neither would be read back, as no link is like this trace.
    """
    if trace.start_s.size == 1:
        trace = trace.resampled(trace.total_s / 2)
    texts = [_table(trace)] if trace.download else [_bare_lines(trace), _table(trace)]
    for text in texts:
        if _is_read_back(text, trace):
            return text
    ways = [bps for bps in (trace.bandwidth_bps, trace.download_bps) if bps is not None]
    raise DataError(
        f"trace {trace.name} is not written, as it would not be read back: no link has a mean of "
        f"{' and '.join(kbps(float(bps.mean())) for bps in ways)}; choose another --scale"
    )


def _bare_lines(trace: BandwidthTrace) -> str:
    rows = zip(trace.start_s, trace.bandwidth_bps, strict=True)
    return "".join(f"{start_s:.9g} {bandwidth_bps / 1e6:.9g}\n" for start_s, bandwidth_bps in rows)


def _table(trace: BandwidthTrace) -> str:
    names, columns = "time_s,rate_mbps", [trace.bandwidth_bps]
    if trace.download_bps is not None:
        names, columns = "time_s,uplink_mbps,downlink_mbps", [trace.bandwidth_bps, trace.download_bps]
    rows = zip(trace.start_s, *(bps / 1e6 for bps in columns), strict=True)
    return "\n".join([names, *(",".join(f"{value:.9g}" for value in row) for row in rows), ""])


def _is_read_back(text: str, trace: BandwidthTrace) -> bool:
    """Whether the text is taken for these samples, where nothing is said of its format."""
    try:
        _, samples = samples_in(text, ReadingOptions())
    except DataError:
        return False
    pairs = (
        (samples.start_s, trace.start_s),
        (samples.bandwidth_bps, trace.bandwidth_bps),
        (samples.download_bps, trace.download_bps),
    )
    return all(
        (read is None) == (written is None)
        and (read is None or written is None or (read.shape == written.shape and np.allclose(read, written)))
        for read, written in pairs
    )
