"""Resets and truncations at every byte of a small request and of its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from benchmarks.testbed.faults.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.testbed.faults.faulty_link import FaultyLink
    from benchmarks.studies.faults.trial import Outcome, Subject


def sweep_places(request_bytes: int, answer_bytes: int, step: int) -> list[Fault]:
    """Every fault of the sweep.

    Args:
        request_bytes: of a whole request, HTTP header included.
        answer_bytes: the same of an answer.
        step: 1 for every byte.
    """
    kinds: tuple[Literal["reset"], Literal["truncate"]] = ("reset", "truncate")
    return [
        *(Fault(kind, "up", at) for kind in kinds for at in range(0, request_bytes, step)),
        *(Fault(kind, "down", at) for kind in kinds for at in range(0, answer_bytes, step)),
    ]


def sweep(subject: Subject, link: FaultyLink, faults: list[Fault], outcome: Outcome) -> Iterator[Fault]:
    """One request under each fault, and one without a fault after it; yields what was done."""
    subject.settle()
    for k, fault in enumerate(faults):
        with link.doing(fault):
            subject.ask(k, outcome)
        subject.ask(k + 1, outcome)
        yield fault
