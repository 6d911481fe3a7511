"""Where a JPEG file ends in bytes that come piece by piece."""

from __future__ import annotations

import re

_BEGIN, _END, _ALONE = 0xD8, 0xD9, 0x01
_FIRST_OF_A_MARK = 0xFF
_LENGTH_BYTES = 2
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
"""In coded pixels, 0xff is followed by 0 or is the mark of a restart."""


class JpegEnd:
    """Looks for the end of one JPEG file; what it has looked at it does not look at again.

    Segments are skipped by their lengths: a preview inside one ends nothing.

    Attributes:
        breaks_off: whether the end that was found is none: another file begins there.
    """

    def __init__(self) -> None:
        """Stand behind the mark with which every file begins."""
        self.breaks_off = False
        self._at = 2

    def find(self, content: bytes | bytearray) -> int | None:
        """How many bytes the file has; None where its end has not come yet.

        Args:
            content: the file from its first byte on, and what follows it; each time the same, or more of it.
        """
        while (marker := _MARKER.search(content, self._at)) is not None:
            kind, behind = marker[1][0], marker.end()
            if kind == _END:
                return behind
            if kind == _ALONE:
                self._at = behind
            elif behind + _LENGTH_BYTES > len(content):
                self._at = marker.start()
                return None
            elif kind != _BEGIN:
                self._at = behind + int.from_bytes(content[behind : behind + _LENGTH_BYTES], "big")
            elif content[behind] == _FIRST_OF_A_MARK:
                self.breaks_off = True
                return marker.start()
            else:
                self._at = behind
        self._at = max(self._at, len(content) - 1)  # the last byte may be the first one of a mark
        return None
