"""Tables with a first line of names: columns between commas, semicolons, tabs or blanks."""

import csv
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from edgent.bandwidth.trace_formats.number_rows import LARGEST, first_line, is_number
from edgent.bandwidth.traces import Floats
from edgent.core.nearest_name import nearest_name
from edgent.errors import DataError


@dataclass(frozen=True)
class Table:
    """The cells of a table as text.

    Attributes:
        names: of the columns.
        names_line: line of the file on which they stand, from 1.
        rows: cells, one for each name.
        lines: the same of each row.
        empty_rows: of separators alone, which are left out.
    """

    names: list[str]
    names_line: int
    rows: list[list[str]]
    lines: list[int]
    empty_rows: int = 0

    def column(self, name: str) -> list[str]:
        """The cells of a column.

        Raises:
            DataError: no column, or several, have the name.
        """
        if self.names.count(name) != 1:
            problem = "no column" if name not in self.names else f"{self.names.count(name)} columns"
            raise DataError(f"line {self.names_line}: {problem} {name!r}; {nearest_name(name, self.names)}")
        index = self.names.index(name)
        return [row[index] for row in self.rows]

    def numbers(self, name: str) -> Floats:
        """A column as numbers.

        Raises:
            DataError: no such column, or a cell that is no number a trace can hold.
        """
        cells = self.column(name)
        values = np.empty(len(cells))
        for index, (line, cell) in enumerate(zip(self.lines, cells, strict=True)):
            try:
                values[index] = float(cell)
            except ValueError:
                raise DataError(f"line {line}: {name} is {cell[:60]!r}, not a number{_hint(cell)}") from None
            if not abs(values[index]) <= LARGEST:
                raise DataError(f"line {line}: {name} is {cell[:60]}; numbers are finite, up to {LARGEST:g}")
        return values


def read_table(text: str) -> Table:
    """The table in a file's content; empty lines and `#` comments are passed over, empty rows counted.

    Raises:
        DataError: no rows, or a row of another length than the first line; the message begins with the line.
    """
    separator = _separator(text)
    cells_of_lines: list[tuple[int, list[str]]] = []
    lines = ["" if line.lstrip().startswith("#") else line for line in text.splitlines()]
    if separator is None:
        cells_of_lines = [(number, line.split()) for number, line in enumerate(lines, start=1)]
    else:
        reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
        try:
            cells_of_lines = [(reader.line_num, cells) for cells in reader]
        except csv.Error as error:
            raise DataError(f"line {reader.line_num}: not a table: {error}") from None
    stripped = [(number, [cell.strip() for cell in cells]) for number, cells in cells_of_lines if cells]
    filled = [(number, cells) for number, cells in stripped if any(cells)]
    if len(filled) < 2:
        raise DataError("line 1: the table holds no rows; a trace needs at least one")
    (names_line, names), *rows = filled
    for number, cells in rows:
        if len(cells) != len(names):
            raise DataError(f"line {number}: {len(cells)} columns where the first line names {len(names)}")
    return Table(
        names,
        names_line,
        [cells for _, cells in rows],
        [number for number, _ in rows],
        len(stripped) - len(filled),
    )


def column_names(text: str) -> list[str]:
    """What the first line would name as columns; empty where there is no line or it has a number in it."""
    line = first_line(text)
    if line is None:
        return []
    separator = _separator(text)
    try:
        cells = line[1] if separator is None else next(csv.reader([_content(text)], delimiter=separator), [])
    except csv.Error:
        return []
    names = [cell.strip() for cell in cells]
    return [] if any(map(is_number, names)) else names


def _separator(text: str) -> str | None:
    """The first line's separator; None for blanks."""
    return next((separator for separator in ",;\t" if separator in _content(text)), None)


def _content(text: str) -> str:
    """The first line that is neither empty nor a comment."""
    line = first_line(text)
    return text.splitlines()[line[0] - 1] if line else ""


def _hint(cell: str) -> str:
    """What to do about a cell that is no number but means one."""
    if is_number(cell.replace(",", ".", 1)):
        return "; decimals stand behind a point"
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return ""
    return "; write a date as seconds since 1970"
