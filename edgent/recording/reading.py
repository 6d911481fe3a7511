"""Reads a recording."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, BinaryIO

from pydantic import TypeAdapter, ValidationError

from edgent.errors import DataError
from edgent.recording.description import Description
from edgent.recording.history import MOST_ANSWERS, History
from edgent.recording.lines import Line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.recording.lines import RecordedAnswer, RecordedFailure, RecordedGap

_LOG = logging.getLogger(__name__)
LONGEST_LINE_BYTES = 1024 * 1024
_DESCRIPTION = TypeAdapter(Description)
_LINE: TypeAdapter[RecordedAnswer | RecordedFailure | RecordedGap] = TypeAdapter(Line)
_REMEDY = "write one with `edgent-device --record FILE`"
_INVALID = (ValueError, OverflowError)
"""What a line raises that is none: `ValidationError`, which is a ValueError, and what Python says of numbers
of thousands of digits."""


def read_recording(path: Path, most_answers: int = MOST_ANSWERS) -> History:
    """What a recording adds up to.

    A last line without an end is left out: its device was switched off while it wrote.

    Args:
        path: the file.
        most_answers: how many are kept one by one.

    Raises:
        DataError: it cannot be read, or is no recording; the message has the file and the line.
    """
    try:
        with path.open("rb") as file:
            history = History(read_description(file, str(path)), most_answers)
            for line in read_lines(file, str(path)):
                history.add(line)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}; {_REMEDY}") from None
    return history


def read_description(stream: BinaryIO, name: str) -> Description:
    """The first line of a recording.

    Args:
        stream: at its begin.
        name: of the recording, for messages.

    Raises:
        DataError: it is empty, or begins otherwise.
    """
    content = _next_line(stream, f"{name}, line 1")
    if not content:
        raise DataError(f"{name} is empty: nothing was recorded into it; {_REMEDY}")
    try:
        return _DESCRIPTION.validate_json(content)
    except _INVALID as error:
        raise DataError(f"{name} is no recording of this format: {_first(error)}; {_REMEDY}") from None


def read_lines(stream: BinaryIO, name: str) -> Iterator[RecordedAnswer | RecordedFailure | RecordedGap]:
    """The other lines of a recording, as they come.

    Args:
        stream: behind the first line.
        name: of the recording, for messages.

    Raises:
        DataError: a line is none of a recording.
    """
    number = 1
    while True:
        number += 1
        content = _next_line(stream, f"{name}, line {number}")
        if not content.endswith(b"\n"):
            if content:
                _LOG.warning("%s: line %d has no end and is left out", name, number)
            return
        try:
            yield _LINE.validate_json(content)
        except _INVALID as error:
            raise DataError(f"{name}, line {number}: {_first(error)}; {_REMEDY}") from None


def _next_line(stream: BinaryIO, place: str) -> bytes:
    """The next line with its end, or what there is where it has none.

    Raises:
        DataError: it is too long to be one of a recording.
    """
    content = stream.readline(LONGEST_LINE_BYTES + 1)
    if len(content) > LONGEST_LINE_BYTES:
        raise DataError(f"{place} has more than {LONGEST_LINE_BYTES:,} bytes, as no recording has; {_REMEDY}")
    return content


def _first(error: Exception) -> str:
    """The first problem, with its place in the line."""
    if not isinstance(error, ValidationError):
        return f"a number of it cannot be read: {error}"
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]
