"""Files that are there whole or not at all."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Yields a path beside a file to write into, which takes the file's name at the end, if all went well.

    Several threads or processes may write one file at once: one of them is the last.

    Args:
        file: what is to be there; its folder is made, and a file that is there already is replaced.

    Raises:
        OSError: there is no room, or no file can be made there; what was there before stays.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.stem}.{token_hex(4)}{file.suffix}")
    try:
        yield unfinished
        unfinished.replace(file)
    finally:
        with suppress(OSError):  # it has its name, or was never made
            unfinished.unlink()
