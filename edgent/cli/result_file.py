"""A file that the user named for a result: its folder is made, and it is there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer


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
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}") if is_plain else path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        if is_plain:
            unfinished.replace(path)
    except OSError as error:
        raise typer.BadParameter(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        if is_plain:
            with suppress(OSError):  # it was never made
                unfinished.unlink()
