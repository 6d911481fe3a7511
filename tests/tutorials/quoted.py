"""Whether what a page quotes agrees with what comes: words do, numbers need not."""

from __future__ import annotations

import re

_DIGEST = re.compile(r"\b[0-9a-f]{8,}\b")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_RULE = re.compile(r"[─━═]+")


def masked(text: str) -> str:
    """A text without what differs from run to run: digests, numbers, and how long lines of tables are."""
    for pattern, mask in ((_DIGEST, "#"), (_NUMBER, "#"), (_RULE, "─")):
        text = pattern.sub(mask, text)
    return text


def agrees(quoted: str, printed: str) -> bool:
    """Whether a quotation is right but for numbers and blanks; ``...`` in it may stand for anything."""
    pieces = [re.escape(_in_one_line(piece)) for piece in masked(quoted).split("...")]
    return re.fullmatch(".*".join(pieces), _in_one_line(masked(printed))) is not None


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
