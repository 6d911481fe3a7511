"""Recovery: a link that collapses and comes back, and how long the runtime takes to follow."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.studies.live.measure import LiveAnswer
from edgent.bandwidth.traces import BandwidthTrace

GOOD_BPS, COLLAPSED_BPS = 5e6, 20e3


@dataclass(frozen=True)
class Collapse:
    """A good link, a collapse, a good link again.

    Attributes:
        before_s, collapsed_s, after_s: How long each lasts.
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
        bandwidth_bps = np.array([GOOD_BPS, COLLAPSED_BPS, GOOD_BPS])
        return BandwidthTrace("collapse", np.cumsum(held_s) - held_s, held_s, bandwidth_bps)


@dataclass(frozen=True)
class Recovery:
    """How the runtime followed.

    Attributes:
        device_only_share: Of the plans in the last third of the collapse.
        left_after_s: From the collapse to the last plan that asked the edge during it.
        back_after_s: From the link's return to the beginning of the first request that the edge answered;
            None where there was no such request.
    """

    device_only_share: float
    left_after_s: float
    back_after_s: float | None

    def __str__(self) -> str:
        back = "not seen" if self.back_after_s is None else f"after {self.back_after_s:.2f} s"
        return (
            f"the edge was last asked {self.left_after_s:.1f} s after the collapse; in the last third of it "
            f"{self.device_only_share:.0%} of the plans were device-only; back on the edge {back}"
        )


def recovery_of(collapse: Collapse, answers: Sequence[LiveAnswer]) -> Recovery:
    """Read off a run over `Collapse.trace`."""
    ends_s = collapse.returns_at_s
    during = [answer for answer in answers if collapse.before_s <= answer.at_s < ends_s]
    settled = [answer for answer in during if answer.at_s >= ends_s - collapse.collapsed_s / 3]
    asked_s = [answer.at_s - collapse.before_s for answer in during if answer.reply.wanted.remote]
    back_s = [answer.at_s - ends_s for answer in answers if answer.at_s >= ends_s and answer.reply.by_edge]
    return Recovery(
        device_only_share=float(np.mean([not answer.reply.wanted.remote for answer in settled])),
        left_after_s=max(asked_s, default=0.0),
        back_after_s=min(back_s, default=None),
    )
