"""Reasons in words, of which many differ in a number alone."""

import re
from collections import Counter
from collections.abc import Iterable

_NUMBER = re.compile(r"(?<![\w./:-])\d[\d.,]*(?=\s|$)")
"""Such as a time that a message has; not what is part of a name or an address."""
_KIND = re.compile(r"\b[A-Z]\w*Error: ")
_SHOWN = 40


def in_words(reason: str) -> str:
    """The reason without the kinds of errors, which are for programs.

    >>> in_words("hall: EdgeTimeoutError: no answer within 2 s")
    'hall: no answer within 2 s'
    """
    return _KIND.sub("", reason)


def shortened(value: str) -> str:
    """A user's text as a message repeats it: the begin of a long one.

    >>> shortened("9" * 5000)
    '9999999999999999999999999999999999999999…'
    """
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"


def without_numbers(reason: str) -> str:
    """The reason with dots for its numbers.

    >>> without_numbers("lenet-p03 usually answers within 6.0 ms and did not")
    'lenet-p03 usually answers within … ms and did not'
    """
    return _NUMBER.sub("…", reason)


def counted_reasons(reasons: Iterable[str]) -> list[tuple[str, int]]:
    """How often each was given, the most frequent first; those that differ in a number are one, without it.

    >>> counted_reasons(["it took 5 ms", "it broke", "it took 7 ms"])
    [('it took … ms', 2), ('it broke', 1)]
    >>> counted_reasons(["it took 5 ms", "it took 5 ms"])
    [('it took 5 ms', 2)]
    """
    alike: dict[str, Counter[str]] = {}
    for reason in reasons:
        alike.setdefault(without_numbers(reason), Counter())[reason] += 1
    counted = [(said if len(of) > 1 else next(iter(of)), of.total()) for said, of in alike.items()]
    return sorted(counted, key=lambda reason: -reason[1])
