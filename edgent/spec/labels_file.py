"""A text file of the names of classes, one on each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.errors import SpecError

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_BYTES = 16 * 1024 * 1024
"""Far more than the names of as many classes as there may be."""


def read_labels(file: Path) -> list[str]:
    """The names, without blanks around them.

    A line ends where an editor's ends, and not at other characters that Unicode knows as ends.

    Raises:
        SpecError: the file cannot be read, is no text in UTF-8, or is far too large.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:  # a path with a null character is a wrong value
        reason = error.strerror if isinstance(error, OSError) else error
        raise SpecError(f"{file}: cannot be read: {reason}") from None
    if len(content) > LARGEST_BYTES:
        raise SpecError(f"{file}: more than {LARGEST_BYTES:,} bytes; name a text file of classes' names")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SpecError(f"{file}: cannot be read: not a text file in UTF-8") from None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    return [label.strip() for label in lines.split("\n")] if lines else []
