"""Whether the file of a picture has its end, as far as its format tells."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_JPEG = (b"\xff\xd8\xff", b"\xff\xd9")
_PNG = (b"\x89PNG\r\n\x1a\n", b"IEND\xae\x42\x60\x82")
_GIF = (b"GIF8", b";")
_BEGIN_BYTES = 8


def has_its_end(file: Path) -> bool:
    """Whether a file ends as its begin says that it does.

    Args:
        file: of a picture, which may still be written.

    Returns:
        False for a JPEG, PNG or GIF file with another end. Other formats end anyhow, and of a file that
        cannot be read whoever reads it says why.
    """
    try:
        with file.open("rb") as content:
            begin = content.read(_BEGIN_BYTES)
            end = next((last for first, last in (_JPEG, _PNG, _GIF) if begin.startswith(first)), b"")
            content.seek(-len(end), os.SEEK_END)
            return content.read() == end
    except OSError:
        return True
