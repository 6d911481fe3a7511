"""What a server says of itself, as it may be shown."""

_LONGEST = 500


def shown(words: str) -> str:
    r"""The words in one line, without what a terminal would obey, and not at any length.

    Blanks of any kind become one blank; other characters that are not printed are written as Python's repr
    writes them. At most 500 characters are left.

    >>> shown("no" + chr(27) + "[2J worker")
    'no\\x1b[2J worker'
    """
    line = " ".join(words[:_LONGEST].split())
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in line)[:_LONGEST]
