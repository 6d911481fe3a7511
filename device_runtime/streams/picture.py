"""A frame as its source gives it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.inputs import Given


@dataclass(frozen=True, eq=False)
class Picture:
    """A frame as its source gives it; it is read when it is its turn, which most frames may never be.

    Attributes:
        name: for people.
        read: gives what is answered; raises InputError where it cannot be read.
        error: what is wrong with it, where that is known already.
    """

    name: str
    read: Callable[[], Given]
    error: str | None = None

    @cached_property
    def content(self) -> Given:
        """What is answered, read once.

        Raises:
            InputError: it cannot be read.
        """
        return self.read()


def broken(name: str, error: str) -> Picture:
    """A frame that its source could not read."""
    return Picture(name, bytes, error)


def pictured(frame: Given | Picture, number: int) -> Picture:
    """A frame as a caller gives it, by its number."""
    return frame if isinstance(frame, Picture) else Picture(f"frame {number}", lambda: frame)
