"""Counts at which exits inputs leave, and says so once where that is no longer as it was calibrated."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from edgent.exits.rules.share_drift import Leaving, is_drift

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from edgent.accuracy.exit_rule_file import CalibratedRule

_LOG = logging.getLogger(__name__)
_FALSE_ALARM = 0.01  # the chance of any report in a whole run in which nothing has changed


class ShareWatch:
    """Compares the shares that leave with those of the held-out inputs, exit by exit.

    The share of those that come to an exit depends on which exits were asked before it. Held-out inputs were
    asked at all exits of the rule, so an exit counts where all before it were asked, too.

    Attributes:
        running: inputs at each exit so far.
        reports: a sentence for each exit that has drifted, in the order in which that was found.
    """

    def __init__(self, held_out: Mapping[str, Leaving], spec_file: Path) -> None:
        """Begin; nothing was answered yet.

        Args:
            held_out: the held-out inputs at each exit of the rule, shallow to deep.
            spec_file: for what to do next.
        """
        self.running = dict.fromkeys(held_out, Leaving(0, 0))
        self.reports: list[str] = []
        self._held_out, self._spec_file = held_out, spec_file
        self._order = tuple(held_out)
        self._watched = set(held_out)
        self._news: deque[str] = deque()

    def observe(self, before: tuple[str, ...], asked: tuple[str, ...], left_at: str | None) -> None:
        """Take in the exits that one input was asked at.

        Args:
            before: exits that it was asked at earlier and did not leave at.
            asked: those that it was asked at now, in this order.
            left_at: the one of these at which it left; None where it left at none.
        """
        for number, exit_name in enumerate(asked):
            so_far = (*before, *asked[:number])
            if exit_name not in self.running or so_far != self._order[: self._order.index(exit_name)]:
                continue
            left, came = self.running[exit_name]
            self.running[exit_name] = Leaving(left + (exit_name == left_at), came + 1)
            self._look_at(exit_name)

    def take_news(self) -> str | None:
        """What was found since the last call, in one line; None where nothing was."""
        news = " ".join(self._news) or None
        self._news.clear()
        return news

    def _look_at(self, exit_name: str) -> None:
        held_out, running = self._held_out[exit_name], self.running[exit_name]
        one_of_them = _FALSE_ALARM / len(self._held_out)
        if exit_name not in self._watched or not is_drift(held_out, running, one_of_them):
            return
        self._watched.discard(exit_name)
        report = (
            f"of {running.came} inputs that came to {exit_name}, {running.share:.1%} left there early, of "
            f"the {held_out.came} held-out ones {held_out.share:.1%} did: inputs are no longer like those "
            "that the exit rule was found on, and what it guarantees may not hold; run "
            f"`edgent evaluate {self._spec_file} --exit-rule` on inputs of today."
        )
        self.reports.append(report)
        self._news.append(report)
        _LOG.warning("%s", report)


def held_out_leaving(calibrated: CalibratedRule) -> dict[str, Leaving]:
    """The held-out inputs at each exit of a rule that any may leave at, shallow to deep."""
    found, coming = {}, calibrated.inputs
    for exit_ in calibrated.exits:
        if exit_.threshold is not None:
            left = round(exit_.leaves * calibrated.inputs)
            found[exit_.exit] = Leaving(left, coming)
            coming -= left
    return found
