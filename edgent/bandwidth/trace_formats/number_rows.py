"""Lines of numbers between blanks, commas, semicolons or tabs, which most formats are made of."""

from collections.abc import Iterator

from edgent.errors import DataError

Row = tuple[int, list[float]]
"""A line's number, from 1, and the numbers on it."""

LARGEST = 1e15
"""Largest number taken from a file: it leaves room for milliseconds since 1970 and for products."""


def number_rows(text: str, columns: int) -> list[Row]:
    """The numbers of each line that is neither empty nor a `#` comment.

    Args:
        text: Lines of numbers.
        columns: How many numbers a line has.

    Raises:
        DataError: No lines, a line of another length, or a word that is no number a trace can hold.
    """
    rows: list[Row] = []
    for number, words in _lines(text):
        try:
            values = [float(word) for word in words]
        except ValueError:
            raise DataError(f"line {number}: expected numbers, found {_shown(words)}") from None
        if not all(abs(value) <= LARGEST for value in values):
            raise DataError(f"line {number}: numbers must be finite, up to {LARGEST:g}: {_shown(words)}")
        if len(values) != columns:
            raise DataError(f"line {number}: {len(values)} columns where {columns} were expected")
        rows.append((number, values))
    if not rows:
        raise DataError("line 1: the file holds no samples; a trace needs at least one")
    return rows


def first_line(text: str) -> tuple[int, list[str]] | None:
    """Number and words of the first line that has words and is no comment; None where there is none."""
    return next((line for line in _lines(text) if any(line[1])), None)


def starts_with_columns(text: str, columns: int) -> bool:
    """Whether the first line has so many numbers, and nothing else: other formats may begin with words."""
    line = first_line(text)
    return line is not None and len(line[1]) == columns and all(map(is_number, line[1]))


def is_number(word: str) -> bool:
    """Whether a word is a number, of whatever size; `nan` and `inf` are."""
    try:
        float(word)
    except ValueError:
        return False
    return True


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        separator = "," if "," in line else ";"
        words = [word.strip() for word in line.split(separator)] if separator in line else line.split()
        if words and not words[0].startswith("#"):
            yield number, words


def _shown(words: list[str]) -> str:
    return repr(" ".join(words)[:60])
