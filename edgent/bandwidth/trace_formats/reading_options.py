"""What a user says about trace files where their content does not say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from edgent.errors import DataError

if TYPE_CHECKING:
    from edgent.bandwidth.trace_formats.trace_format import TraceFormat


@dataclass(frozen=True)
class ReadingOptions:
    """How trace files are to be read.

    A column is named as in the file's header, with its unit behind a colon where the name has none:
    `uplink_mbps`, `rate:kbps`.

    Attributes:
        trace_format: name of the format; recognised by content when None.
        time: column of the time.
        rate: column of the bandwidth of a file that does not tell directions apart.
        up: column of the upload's bandwidth.
        down: column of the download's bandwidth.
        interval_s: length of the intervals in which single deliveries are counted.

    Raises:
        DataError: the options exclude each other.
    """

    trace_format: str | None = None
    time: str | None = None
    rate: str | None = None
    up: str | None = None
    down: str | None = None
    interval_s: float = 0.1

    def __post_init__(self) -> None:
        """Check that they fit together."""
        if self.rate is not None and (self.up is not None or self.down is not None):
            raise DataError(
                f"--rate {self.rate} is a bandwidth without a direction; give --up and --down instead of it"
            )
        if not 1e-3 <= self.interval_s <= 3600:
            raise DataError(f"--interval {self.interval_s:g} s is outside 0.001 to 3600 s")

    def __str__(self) -> str:
        """What differs from the defaults, as a command line has it, each option after a blank."""
        given = {
            "format": self.trace_format,
            "time": self.time,
            "rate": self.rate,
            "up": self.up,
            "down": self.down,
            "interval": f"{self.interval_s:g}" if self.interval_s != ReadingOptions.interval_s else None,
        }
        return "".join(f" --{option} {value}" for option, value in given.items() if value is not None)

    @property
    def names_columns(self) -> bool:
        """Whether any column is named."""
        return any(column is not None for column in (self.time, self.rate, self.up, self.down))


@runtime_checkable
class TakesOptions(Protocol):
    """A trace format that can be read in more than one way."""

    takes_columns: bool
    """Whether it is a table whose columns a user may name."""

    def with_options(self, options: ReadingOptions) -> TraceFormat:
        """The format, read as the options say."""
