"""Counts at which exits inputs leave, and says so once where that is no longer as it was calibrated."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from edgent.exits.rules.share_drift import AtExit, is_drift
from edgent.planning.plan import RAW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from device_runtime.exchange.exchange_thread import Arrival
    from edgent.accuracy.exit_rule_file import SureInputs

_LOG = logging.getLogger(__name__)
_FALSE_ALARM = 0.01  # the chance of any report in a whole run in which nothing has changed


class Way(NamedTuple):
    """How inputs come to an exit: which exits they were asked at before, and the codec in which they came."""

    exit: str
    before: frozenset[str]
    codec: str


class ShareWatch:
    """Compares the shares that leave with those of the held-out inputs, exit by exit.

    The share of those that come to an exit depends on which exits were asked before it. Which exits are sure
    of each held-out input is known, so each way to an exit is compared with those held-out inputs that would
    have come by it. The chance of a false alarm is divided between the exits, and of each exit's part the
    first way to it gets a half, the next one a sixth, and the n-th one 1/n(n + 1).

    Attributes:
        running: inputs so far by each way to an exit.
        reports: a sentence for each exit that has drifted, in the order in which that was found.
    """

    def __init__(
        self, exits: Sequence[str], together: Mapping[str, Sequence[SureInputs]], spec_file: Path
    ) -> None:
        """Watch from now on; nothing was answered yet.

        Args:
            exits: names of those at which inputs may leave.
            together: which of them are sure of the same held-out inputs, by the codec in which these come:
                ``raw`` for all that lose nothing.
            spec_file: for what to do next.
        """
        self.running: dict[Way, AtExit] = {}
        self.reports: list[str] = []
        self._together, self._spec_file = together, spec_file
        self._parts = {exit_name: _FALSE_ALARM / len(exits) for exit_name in exits}
        self._expected: dict[Way, tuple[AtExit, float]] = {}
        self._news: list[str] = []

    def came(self, arrival: Arrival) -> None:
        """Take in the exits that an edge asked, where it asked any."""
        if arrival.exits is None or arrival.asked is None:
            return
        left_at = None if arrival.left_at is None else arrival.left_at.exit_name
        self.observe(arrival.exits.passed, arrival.passed, left_at, arrival.exits.codec)

    def observe(
        self, before: tuple[str, ...], asked: tuple[str, ...], left_at: str | None, codec: str = RAW
    ) -> None:
        """Take in the exits that one input was asked at.

        Args:
            before: exits that it was asked at earlier and did not leave at.
            asked: those that it was asked at now, in this order.
            left_at: the one of these at which it left; None where it left at none.
            codec: in which it came.
        """
        codec = codec if codec in self._together else RAW
        for number, exit_name in enumerate(asked):
            way = Way(exit_name, frozenset((*before, *asked[:number])), codec)
            left, came = self.running.get(way, (0, 0))
            self.running[way] = AtExit(left + (exit_name == left_at), came + 1)
            self._look_at(way)

    def take_news(self) -> str | None:
        """What was found since the last call, in one line; None where nothing was."""
        news = " ".join(self._news) or None
        self._news.clear()
        return news

    def _look_at(self, way: Way) -> None:
        exit_name = way.exit
        if exit_name not in self._parts:
            return  # it was told of
        if way not in self._expected:
            nth = 1 + sum(known.exit == exit_name for known in self._expected)
            self._expected[way] = (
                self._held_out(way),
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
            f"`edgent evaluate {self._spec_file} --exit-rule --images FOLDER` with inputs of today."
        )
        self.reports.append(report)
        self._news.append(report)
        _LOG.warning("%s", report)

    def _held_out(self, way: Way) -> AtExit:
        """The held-out inputs that come to an exit by a way."""
        coming = [same for same in self._together[way.codec] if way.before.isdisjoint(same.sure)]
        left = sum(same.inputs for same in coming if way.exit in same.sure)
        return AtExit(left, sum(same.inputs for same in coming))
