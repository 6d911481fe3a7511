"""The 4G and 5G sets of University College Cork (Raca et al., MMSys 2018 and 2020).

Tables that the application G-NetTrack wrote about once a second while the device downloaded.
"""

from dataclasses import dataclass, field
from datetime import datetime, timezone

import numpy as np

from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.bandwidth.trace_formats.table import Table, column_names, read_table
from edgent.bandwidth.trace_formats.trace_format import Samples
from edgent.errors import DataError

_INTERVAL_S = 1.0
"""The sets' usual interval, for a file with a single stamp."""


@dataclass(frozen=True)
class UccLog:
    """The downlink of a UCC log, without the rows that repeat an old value.

    A row is stale where its stamp or both of its rates are those of the row kept before (zeros excepted), or
    while a ping was under way; idle rows tell nothing of the link. A value holds until the next row that is
    kept. `UL_bitrate` is the acknowledgements of the download, so it is refused as an uplink.

    Attributes:
        options: must name no other columns than these.
    """

    options: ReadingOptions = field(default_factory=ReadingOptions)
    takes_columns = True

    def with_options(self, options: ReadingOptions) -> "UccLog":
        """With the options, of which `parse` refuses wrong columns."""
        return UccLog(options)

    def recognises(self, text: str) -> bool:
        """The sets' names of columns."""
        return {"Timestamp", "DL_bitrate", "UL_bitrate"} <= set(column_names(text))

    def parse(self, text: str) -> Samples:
        """One sample for each row that is neither stale nor idle."""
        self._check_columns()
        table = read_table(text)
        stamp_s = _stamps_s(table)
        rates_kbps = list(zip(_kbps(table, "DL_bitrate"), _kbps(table, "UL_bitrate"), strict=True))
        states, pings = _column(table, "State"), _column(table, "PINGLOSS")
        kept: list[int] = []
        for row, rates in enumerate(rates_kbps):
            repeats = kept and (
                stamp_s[row] == stamp_s[kept[-1]] or (rates[0] > 0 and rates == rates_kbps[kept[-1]])
            )
            if states[row] != "I" and pings[row] in ("-", "") and not repeats:
                kept.append(row)
        if not kept:
            raise DataError(f"line {table.lines[0]}: all {len(table.lines)} rows are idle or stale")
        stamps_s = np.unique(stamp_s)
        steps_s = np.diff(stamps_s)
        steps_s = np.append(steps_s, np.median(steps_s) if steps_s.size else _INTERVAL_S)
        start_s = np.array([stamp_s[row] for row in kept])
        return Samples(
            start_s,
            steps_s[np.searchsorted(stamps_s, start_s)],
            np.array([rates_kbps[row][0] * 1e3 for row in kept]),
            [table.lines[row] for row in kept],
            reading="Timestamp, DL_bitrate in kbps; UL_bitrate is acknowledgements and no uplink",
            dropped_rows=len(table.lines) - len(kept) + table.empty_rows,
        )

    def _check_columns(self) -> None:
        options = self.options
        named = {name.partition(":")[0] for name in (options.rate, options.up, options.down) if name}
        if "UL_bitrate" in named:
            raise DataError(
                "line 1: UL_bitrate of this set is what the acknowledgements of a download took, not what "
                "the uplink could carry; use --down DL_bitrate"
            )
        if options.up or not named <= {"DL_bitrate"} or options.time not in (None, "Timestamp"):
            raise DataError("line 1: this set's columns are --time Timestamp and --down DL_bitrate only")


def _column(table: Table, name: str) -> list[str]:
    """A column that not every set has; then its cells say nothing."""
    return table.column(name) if name in table.names else ["-"] * len(table.rows)


def _stamps_s(table: Table) -> list[float]:
    stamps_s = []
    for line, cell in zip(table.lines, table.column("Timestamp"), strict=True):
        try:
            stamp = datetime.strptime(cell, "%Y.%m.%d_%H.%M.%S").replace(tzinfo=timezone.utc)
        except ValueError:
            raise DataError(
                f"line {line}: Timestamp is {cell[:60]!r}, not like 2018.01.18_12.56.28"
            ) from None
        stamps_s.append(stamp.timestamp())
    return stamps_s


def _kbps(table: Table, name: str) -> list[int]:
    rates = []
    for line, cell in zip(table.lines, table.column(name), strict=True):
        if not cell.isdecimal() or len(cell) > 12:
            raise DataError(f"line {line}: {name} is {cell[:60]!r}, not a whole number of kbps")
        rates.append(int(cell))
    return rates
