"""What to say about a name that nobody knows."""

import difflib
from collections.abc import Iterable


def nearest_name(name: str, known: Iterable[str]) -> str:
    """A hint for a message: the known name that is nearest, or all of them.

    >>> nearest_name("exti2", ["exit1", "exit2"])
    "did you mean 'exit2'?"
    >>> nearest_name("tail", ["exit1", "exit2"])
    'there are exit1, exit2'
    """
    names = list(known)
    nearest = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(names)}"
