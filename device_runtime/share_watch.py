"""Counts at which exits inputs leave, and says so once where that is no longer as it was calibrated."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from edgent.exits.rules.share_drift import AtExit, is_drift

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edgent.accuracy.exit_rule_file import SureInputs

_LOG = logging.getLogger(__name__)
_FALSE_ALARM = 0.01  # the chance of any report in a whole run in which nothing has changed


class ShareWatch:
    """Compares the shares that leave with those of the held-out inputs, exit by exit.

    The share of those that come to an exit depends on which exits were asked before it. Which exits are sure
    of each held-out input is known, so each way to an exit is compared with those held-out inputs that would
    have come by it. The chance of a false alarm is divided between the exits, and of each exit's part the
    first way to it gets a half, the next one a sixth, and the n-th one 1/n(n + 1).

    Attributes:
        running: inputs so far at each exit, behind the exits that were asked before.
        reports: a sentence for each exit that has drifted, in the order in which that was found.
    """

    def __init__(self, exits: Sequence[str], together: Sequence[SureInputs], spec_file: Path) -> None:
        """Begin; nothing was answered yet.

        Args:
            exits: names of those at which inputs may leave.
            together: which of them are sure of the same held-out inputs.
            spec_file: for what to do next.
        """
        self.running: dict[tuple[str, frozenset[str]], AtExit] = {}
        self.reports: list[str] = []
        self._together, self._spec_file = together, spec_file
        self._parts = {exit_name: _FALSE_ALARM / len(exits) for exit_name in exits}
        self._expected: dict[tuple[str, frozenset[str]], tuple[AtExit, float]] = {}
        self._news: list[str] = []

    def observe(self, before: tuple[str, ...], asked: tuple[str, ...], left_at: str | None) -> None:
        """Take in the exits that one input was asked at.

        Args:
            before: exits that it was asked at earlier and did not leave at.
            asked: those that it was asked at now, in this order.
            left_at: the one of these at which it left; None where it left at none.
        """
        for number, exit_name in enumerate(asked):
            way = (exit_name, frozenset((*before, *asked[:number])))
            left, came = self.running.get(way, (0, 0))
            self.running[way] = AtExit(left + (exit_name == left_at), came + 1)
            self._look_at(way)

    def take_news(self) -> str | None:
        """What was found since the last call, in one line; None where nothing was."""
        news = " ".join(self._news) or None
        self._news.clear()
        return news

    def _look_at(self, way: tuple[str, frozenset[str]]) -> None:
        exit_name, before = way
        if exit_name not in self._parts:
            return  # it was told of
        if way not in self._expected:
            nth = 1 + sum(known == exit_name for known, _ in self._expected)
            self._expected[way] = (
                self._held_out(exit_name, before),
                self._parts[exit_name] / (nth * (nth + 1)),
            )
        (held_out, false_alarm), running = self._expected[way], self.running[way]
        if not is_drift(held_out, running, false_alarm):
            return
        del self._parts[exit_name]
        report = (
            f"of {running.came} inputs that came to {exit_name}, {running.share:.1%} left there early, of "
            f"the {held_out.came} held-out ones {held_out.share:.1%} did: inputs are no longer like those "
            "that the exit rule was found on, and what it guarantees may not hold; run "
            f"`edgent evaluate {self._spec_file} --exit-rule` on inputs of today."
        )
        self.reports.append(report)
        self._news.append(report)
        _LOG.warning("%s", report)

    def _held_out(self, exit_name: str, before: frozenset[str]) -> AtExit:
        """The held-out inputs at an exit, behind some others."""
        coming = [same for same in self._together if before.isdisjoint(same.sure)]
        left = sum(same.inputs for same in coming if exit_name in same.sure)
        return AtExit(left, sum(same.inputs for same in coming))
