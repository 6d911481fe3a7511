"""Recovery: a link that collapses and comes back, and how long the runtime takes to follow."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.studies.live.answers import LiveAnswer
from edgent.bandwidth.traces import BandwidthTrace

GOOD_BPS, COLLAPSED_BPS = 5e6, 20e3


@dataclass(frozen=True)
class Collapse:
    """A good link, a collapse, a good link again.

    Attributes:
        before_s, collapsed_s, after_s: how long each lasts.
    """

    before_s: float = 8.0
    collapsed_s: float = 30.0
    after_s: float = 12.0

    @property
    def returns_at_s(self) -> float:
        """When the link is good again."""
        return self.before_s + self.collapsed_s

    @property
    def trace(self) -> BandwidthTrace:
        """What the link does."""
        held_s = np.array([self.before_s, self.collapsed_s, self.after_s])
        return BandwidthTrace(
            "collapse", np.cumsum(held_s) - held_s, held_s, np.array([GOOD_BPS, COLLAPSED_BPS, GOOD_BPS])
        )


@dataclass(frozen=True)
class Recovery:
    """How the runtime followed.

    Attributes:
        device_only_share: of the plans in the last third of the collapse.
        left_after_s: from the collapse to the last plan that asked the edge during it.
        back_after_s: from the link's return to the beginning of the first request that the edge answered;
            None: none was.
    """

    device_only_share: float
    left_after_s: float
    back_after_s: float | None


def recovery_of(collapse: Collapse, answers: Sequence[LiveAnswer]) -> Recovery:
    """Read off a run over `Collapse.trace`."""
    ends_s = collapse.returns_at_s
    during = [one for one in answers if collapse.before_s <= one.at_s < ends_s]
    settled = [one for one in during if one.at_s >= ends_s - collapse.collapsed_s / 3]
    asked = [one.at_s - collapse.before_s for one in during if one.wanted.partition_point]
    back = [one.at_s - ends_s for one in answers if one.at_s >= ends_s and one.plan.partition_point]
    return Recovery(
        device_only_share=float(np.mean([one.wanted.partition_point == 0 for one in settled])),
        left_after_s=max(asked, default=0.0),
        back_after_s=min(back, default=None),
    )
