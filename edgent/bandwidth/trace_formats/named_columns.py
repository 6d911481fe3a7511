"""Tables (CSV) with a first line of names, which say what a column is and in which unit."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from edgent.bandwidth.trace_formats.column_units import (
    RATE_UNITS_BPS,
    TIME_UNITS_S,
    direction,
    is_rate,
    is_time,
    rate_unit,
    time_unit,
)
from edgent.bandwidth.trace_formats.reading_options import ReadingOptions
from edgent.bandwidth.trace_formats.steps import until_the_next
from edgent.bandwidth.trace_formats.table import Table, column_names, read_table
from edgent.bandwidth.trace_formats.trace_format import Samples
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
        """One sample for each row."""
        table = read_table(text)
        time = self.options.time or _the_only(table, "time", "--time", list(filter(is_time, table.names)))
        columns = [_column(table, "--time", time, time_unit, TIME_UNITS_S)]
        columns += [
            _column(table, option, name, rate_unit, RATE_UNITS_BPS) for option, name in self._rates(table)
        ]
        values = [table.numbers(column.name) for column in columns]
        _check_units(table, columns)
        start_s = values[0] * TIME_UNITS_S[str(columns[0].unit)]
        rates_bps = [
            rate * RATE_UNITS_BPS[str(column.unit)]
            for rate, column in zip(values[1:], columns[1:], strict=True)
        ]
        return Samples(
            start_s,
            until_the_next(start_s, table.lines),
            rates_bps[0],
            table.lines,
            download_bps=rates_bps[1] if len(rates_bps) > 1 else None,
            reading=", ".join(map(str, columns)),
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
    return _Column(option, name, unit) if unit else _Column(option, named, unit_in(named))


def _check_units(table: Table, columns: Sequence[_Column]) -> None:
    without = [column for column in columns if column.unit is None]
    if without:
        names = ", ".join(repr(column.name) for column in without)
        raise DataError(
            f"line {table.names_line}: no unit is said of {names}; give it with "
            f"{' '.join(f'{column.option} {column.name}:UNIT' for column in without)}: "
            f"{', '.join(TIME_UNITS_S)} of times, {', '.join(RATE_UNITS_BPS)} of bandwidths"
        )
