"""Counts in sentences: ``1 input``, ``2,304 inputs``."""


def counted(count: int, word: str) -> str:
    """A count with what is counted, in the plural unless it is one.

    Args:
        count: how many there are.
        word: the singular, whose plural ends in s.
    """
    return f"{count:,} {word}{'' if count == 1 else 's'}"
