"""Tables (CSV) with a first line of names, which say what a column is and in which unit."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from edgent.bandwidth.trace_formats.column_units import (
    RATE_UNITS_BPS,
    TIME_UNITS_S,
    direction,
    is_rate,
    is_time,
    rate_unit,
    time_unit,
)
from edgent.bandwidth.trace_formats.link_rates import LEAST_BPS, MOST_BPS, MOST_SAID_BPS
from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.bandwidth.trace_formats.steps import until_the_next
from edgent.bandwidth.trace_formats.table import Table, column_names, read_table
from edgent.bandwidth.trace_formats.trace_format import Samples
from edgent.bandwidth.traces import Floats
from edgent.errors import DataError


@dataclass(frozen=True)
class NamedColumns:
    """A row's values hold until the next row; the last ones hold for the median interval.

    Attributes:
        options: which columns are meant; what they do not name is found by the columns' names.
    """

    options: ReadingOptions = field(default_factory=ReadingOptions)
    takes_columns = True

    def with_options(self, options: ReadingOptions) -> "NamedColumns":
        """With the columns of the options."""
        return NamedColumns(options)

    def recognises(self, text: str) -> bool:
        """Names in the first line, of which one is a time and one a bandwidth."""
        names = column_names(text)
        return any(map(is_time, names)) and any(map(is_rate, names))

    def parse(self, text: str) -> Samples:
        """One sample for each row.

        Raises:
            DataError: no table with such columns, or a unit in a name with which the link would be like no
                other; the unit that is given beside a column's name is taken as it is.
        """
        table = read_table(text)
        time = self.options.time or _the_only(table, "time", "--time", list(filter(is_time, table.names)))
        columns = [_column(table, "--time", time, time_unit, TIME_UNITS_S)]
        columns += [
            _column(table, option, name, rate_unit, RATE_UNITS_BPS) for option, name in self._rates(table)
        ]
        values = [table.numbers(column.name) for column in columns]
        _check_units(table, columns)
        start_s = values[0] * TIME_UNITS_S[str(columns[0].unit)]
        duration_s = until_the_next(start_s, table.lines)
        for rate, column in zip(values[1:], columns[1:], strict=True):
            _check_rate(table, column, rate, duration_s)
        rates_bps = [
            rate * RATE_UNITS_BPS[str(column.unit)]
            for rate, column in zip(values[1:], columns[1:], strict=True)
        ]
        return Samples(
            start_s,
            duration_s,
            rates_bps[0],
            table.lines,
            download_bps=rates_bps[1] if len(rates_bps) > 1 else None,
            reading=", ".join(map(str, columns)),
            dropped_rows=table.empty_rows,
        )

    def _rates(self, table: Table) -> list[tuple[str, str]]:
        """Option and name of the column of each bandwidth, one or two, the upload's first."""
        options = self.options
        chosen = (("--rate", options.rate), ("--up", options.up), ("--down", options.down))
        named = [(option, name) for option, name in chosen if name is not None]
        if named:
            return named
        rates = [name for name in table.names if is_rate(name) and not is_time(name)]
        for option, of_direction in (("--up", "up"), ("--down", "down")):
            of_names = [name for name in rates if direction(name) == of_direction]
            if of_names:
                named.append((option, _the_only(table, f"bandwidth {of_direction}", option, of_names)))
        return named or [("--rate", _the_only(table, "bandwidth", "--rate", rates))]


def _the_only(table: Table, what: str, option: str, names: Sequence[str]) -> str:
    if len(names) != 1:
        problem = f"{len(names)} columns are" if names else "no column is"
        raise DataError(
            f"line {table.names_line}: {problem} named as the {what}; "
            f"choose with {option} among {', '.join(names or table.names)}"
        )
    return names[0]


@dataclass(frozen=True)
class _Column:
    option: str
    name: str
    unit: str | None
    is_given: bool = False

    def __str__(self) -> str:
        way = {"--up": " up", "--down": " down"}.get(self.option, "")
        return f"{self.name} in {self.unit}{way}"


def _column(
    table: Table, option: str, named: str, unit_in: Callable[[str], str | None], units: Iterable[str]
) -> _Column:
    """The column that was given as `NAME` or `NAME:UNIT`."""
    name, colon, given = named.rpartition(":")
    unit = unit_in(given) if colon else None
    if unit is None and name in table.names and named not in table.names:
        raise DataError(f"{option} {named}: no unit {given!r} is known; there are {', '.join(units)}")
    return _Column(option, name, unit, is_given=True) if unit else _Column(option, named, unit_in(named))


def _check_rate(table: Table, column: _Column, rate: Floats, duration_s: Floats) -> None:
    """Refuse a unit that a column's name says, where no link is like that and with another unit one is.

    Raises:
        DataError: the readings side by side.
    """
    mean = float(np.average(rate, weights=duration_s))
    unit = str(column.unit)
    if column.is_given or mean == 0 or LEAST_BPS <= mean * RATE_UNITS_BPS[unit] <= MOST_SAID_BPS:
        return
    others = [one for one, bps in RATE_UNITS_BPS.items() if LEAST_BPS <= mean * bps <= MOST_BPS]
    if mean * RATE_UNITS_BPS[unit] > MOST_SAID_BPS:
        others.reverse()  # the nearest unit first
    sides = [f"in {one} {_mbps(mean * RATE_UNITS_BPS[one])}" for one in (unit, *others)]
    raise DataError(
        f"line {table.names_line}: {column.name}: no link is like the first of these mean bandwidths: "
        f"{'; '.join(sides)}. Say which it is, such as {column.option} {column.name}:{(*others, unit)[0]}"
    )


def _check_units(table: Table, columns: Sequence[_Column]) -> None:
    without = [column for column in columns if column.unit is None]
    if without:
        names = ", ".join(repr(column.name) for column in without)
        raise DataError(
            f"line {table.names_line}: no unit is said of {names}; give it with "
            f"{' '.join(f'{column.option} {column.name}:UNIT' for column in without)}: "
            f"{', '.join(TIME_UNITS_S)} of times, {', '.join(RATE_UNITS_BPS)} of bandwidths"
        )


def _mbps(bandwidth_bps: float) -> str:
    value = bandwidth_bps / 1e6
    return f"{value:,.0f} Mbps" if value >= 1000 else f"{value:.4g} Mbps"
