"""What a trace format offers."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from edgent.bandwidth.traces import Floats


@dataclass(frozen=True)
class Samples:
    """Samples as a file has them, with the line of each; arrays of shape (n,).

    Attributes:
        start_s: seconds; the first may be any number, as the file has it.
        duration_s: seconds.
        bandwidth_bps: bits per second: the upload's where the file has both directions.
        line: line of the file on which each sample stands, from 1.
        download_bps: the other direction's bits per second, where the file has both.
        reading: what was recognised with its units, for people, such as `s, Mbps`.
        dropped_rows: rows of the file that were left out by the format's rules.
    """

    start_s: Floats
    duration_s: Floats
    bandwidth_bps: Floats
    line: list[int]
    download_bps: Floats | None = None
    reading: str = ""
    dropped_rows: int = 0


@runtime_checkable
class TraceFormat(Protocol):
    """One format of trace files."""

    def recognises(self, text: str) -> bool:
        """Whether a file's content looks like this format; it may be malformed all the same."""

    def parse(self, text: str) -> Samples:
        """The samples in a file's content; rules that hold for all traces are checked by the caller.

        Raises:
            DataError: the content is not of this format; the message begins with the line.
        """
