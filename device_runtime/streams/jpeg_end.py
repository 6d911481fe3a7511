"""Where a JPEG file ends in what follows it."""

from __future__ import annotations

import re

from edgent.errors import InputError

_BEGIN, _END, _ALONE = b"\xff\xd8", 0xD9, (0xD8, 0x01)
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
"""In coded pixels, 0xff is followed by 0 or is the mark of a restart."""


def jpeg_bytes(content: bytes) -> int | None:
    """How long the JPEG file is that some bytes begin with; None where it does not end in them.

    Segments are skipped by their lengths: a preview inside one ends nothing.

    Raises:
        InputError: the bytes begin with something else.
    """
    if content[: len(_BEGIN)] != _BEGIN[: len(content)]:
        raise InputError(
            f"a frame begins with {content[:4].hex(' ')}, which is no JPEG file; for raw pixels say so with "
            "--frame-format, such as rgb24:640x480"
        )
    at = len(_BEGIN)
    while (marker := _MARKER.search(content, at)) is not None:
        at = marker.end()
        if marker[1][0] == _END:
            return at
        if marker[1][0] not in _ALONE:
            at += int.from_bytes(content[at : at + 2], "big")
    return None
