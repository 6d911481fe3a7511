"""Where a JPEG file begins in bytes that come piece by piece; what stands before it is left out."""

from __future__ import annotations

import logging

from edgent.counted import counted
from edgent.errors import InputError

_LOG = logging.getLogger(__name__)
BEGIN = b"\xff\xd8\xff"
"""The first bytes of every JPEG file."""
_MOST_BYTES = 1024 * 1024
_SHOWN_BYTES = 4


class JpegBegin:
    """Leaves out what stands between the JPEG files of a pipe, says so once, and refuses too much of it."""

    def __init__(self) -> None:
        """Stand before the first file."""
        self._first, self._left_out_bytes = b"", 0
        self._is_told = False

    def is_reached(self, content: bytearray, number: int) -> bool:
        """Whether a file begins, once what is none is taken away from the front of the content.

        Args:
            content: what came behind the last file.
            number: of the file that is to begin, from 0.

        Raises:
            InputError: more than a mebibyte in a row begins none.
        """
        at = content.find(BEGIN)
        before = at if at >= 0 else len(content) - _begun_bytes(content)
        self._first = self._first or bytes(content[: min(before, _SHOWN_BYTES)])
        self._left_out_bytes += before
        del content[:before]
        if self._left_out_bytes > _MOST_BYTES:
            raise self._no_file(number)
        if at >= 0:
            self._tell(f"frame {number}")
        return at >= 0

    def ended(self, content: bytearray, number: int) -> None:
        """Take in that the pipe ended before another file began.

        Raises:
            InputError: it held bytes, and no file.
        """
        self._first = self._first or bytes(content)
        self._left_out_bytes += len(content)
        if self._left_out_bytes and number == 0:
            raise self._no_file(number)
        self._tell("the end")

    def _tell(self, where: str) -> None:
        """Say what was left out before this, if anything was and none was before."""
        if self._left_out_bytes and not self._is_told:
            what = counted(self._left_out_bytes, "byte")
            _LOG.warning(
                "left out before %s: %s that are no JPEG file; more of them are left out silently",
                where,
                what,
            )
            self._is_told = True
        self._first, self._left_out_bytes = b"", 0

    def _no_file(self, number: int) -> InputError:
        return InputError(
            f"frame {number} does not begin within {self._left_out_bytes:,} bytes, which begin with "
            f"{self._first.hex(' ')} and are no JPEG file; for raw pixels say so with --frame-format, such "
            "as rgb24:640x480"
        )


def _begun_bytes(content: bytearray) -> int:
    """How many bytes at the end of the content may be the first ones of a file."""
    return next(count for count in range(len(BEGIN) - 1, -1, -1) if content.endswith(BEGIN[:count]))
