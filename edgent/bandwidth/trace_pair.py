"""An uplink and a downlink that were recorded together, as one trace."""

from dataclasses import replace

import numpy as np

from edgent.bandwidth.trace_file import ReadTrace
from edgent.bandwidth.traces import BandwidthTrace
from edgent.errors import DataError


def paired(up: ReadTrace, down: ReadTrace) -> ReadTrace:
    """One trace of both directions over the shorter one's length; it says how much is cut off the other.

    Raises:
        DataError: their samples are not of the same times.
    """
    count = min(up.trace.start_s.size, down.trace.start_s.size)
    upload, download = up.trace, down.trace
    same = all(
        np.allclose(getattr(upload, field)[:count], getattr(download, field)[:count])
        for field in ("start_s", "duration_s")
    )
    if not same:
        raise DataError(
            f"{upload.name}: the samples of its .up and .down are not of the same times; give both as one "
            "table `time_s,uplink_mbps,downlink_mbps`, or keep them in folders of their own"
        )
    return replace(
        up,
        trace=BandwidthTrace(
            upload.name,
            upload.start_s[:count],
            upload.duration_s[:count],
            upload.bandwidth_bps[:count],
            download.bandwidth_bps[:count],
        ),
        reading=f"{up.reading}, pairs of .up and .down",
        dropped_rows=up.dropped_rows + down.dropped_rows,
        unpaired_samples=abs(upload.start_s.size - download.start_s.size),
    )
