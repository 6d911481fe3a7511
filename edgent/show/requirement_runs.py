"""Latency requirements that come to the same: neighbours share a row of a table."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypeVar

Found = TypeVar("Found")


def requirement_runs(
    latency_requirements_s: Sequence[float], found: Sequence[Found]
) -> Iterator[tuple[str, Found]]:
    """Runs of neighbouring requirements for which the same was found: ``50 ms``, ``50 to 200 ms``.

    Args:
        latency_requirements_s: rising.
        found: for each of them, such as a plan.
    """
    for what, run in groupby(zip(latency_requirements_s, found, strict=True), key=lambda pair: pair[1]):
        milliseconds = [f"{1e3 * requirement_s:g}" for requirement_s, _ in run]
        yield " to ".join(dict.fromkeys((milliseconds[0], milliseconds[-1]))) + " ms", what
