"""A file that the user named for a result: its folder is made, and it is there whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import typer

from edgent.whole_file import whole_file


@contextmanager
def result_file(path: Path) -> Iterator[Path]:
    """Yields a file beside it to write into, which takes its name once it is whole.

    Where it is not to be a plain file, such as /dev/stdout, that is written itself.

    Args:
        path: what the user named; a file that is there is replaced.

    Raises:
        typer.BadParameter: it cannot be written.
    """
    is_plain = path.is_file() or not path.exists()
    try:
        with whole_file(path) if is_plain else nullcontext(path) as unfinished:
            yield unfinished
    except OSError as error:
        raise typer.BadParameter(f"{path}: cannot be written: {error.strerror}") from None
