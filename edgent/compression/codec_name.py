"""What a feature codec is called, and where it is kept: looked at before a training begins."""

from __future__ import annotations

import fcntl
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edgent.compression.codec_place import UP
from edgent.errors import DataError, PlanError
from edgent.feature_codecs import is_codec
from edgent.spec.schema import LONGEST_NAME, NAME_PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.compression.codec_place import CodecPlace


def codec_name(place: CodecPlace, channels: int) -> str:
    """``p24-16ch``; ``p00-p24-16ch`` for one that jumps, ``p24-16ch-down`` for one that comes back."""
    jump = f"p{place.start:02d}-" if place.jumps else ""
    way = "" if place.direction == UP else f"-{place.direction}"
    return f"{jump}p{place.stop:02d}-{channels}ch{way}"


def check_name(name: str, record: Path, *, may_exist: bool) -> None:
    """Refuse what no spec could name, and what would take the place of another training unasked.

    Args:
        name: of the codec.
        record: the file that is to be written.
        may_exist: whether it may be there already.

    Raises:
        PlanError: that is so.
    """
    if re.fullmatch(NAME_PATTERN, name) is None or len(name) > LONGEST_NAME:
        raise PlanError(
            f"--name {name!r}: names begin with a letter and hold letters, digits, - and _, "
            f"{LONGEST_NAME} of them at most"
        )
    if is_codec(name):
        raise PlanError(f"--name {name}: there is another codec of that name; choose another one")
    if record.exists() and not may_exist:
        raise PlanError(
            f"{record} is there already: --replace trains it anew in its place, --name gives another name"
        )


@contextmanager
def alone(checkpoint: Path) -> Iterator[None]:
    """No other training of the same name in the same folder, for as long as the context lasts.

    Raises:
        DataError: there is one, or nothing can be written there.
    """
    lock = checkpoint.with_suffix(".lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        held = lock.open("w")
    except OSError as error:
        raise DataError(
            f"cannot write {lock}: {error.strerror}; run the command in a folder that can be written to"
        ) from None
    with held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(
                f"another training uses {checkpoint}: wait until it ends, or give --name another name"
            ) from None
        yield
