"""The control: the same plan under two names, and by how much these may differ."""

from collections.abc import Sequence
from statistics import median

from benchmarks.studies.workload.methods import DEVICE_ONLY
from edgent.counted import counted

_MOST = 0.02


def too_far(ratios: Sequence[float]) -> list[str]:
    """Why figures cannot be compared; empty where they can.

    Args:
        ratios: Of each link: how many times as long the same plan takes under its second name.
    """
    if abs(median(ratios) - 1) <= _MOST:
        return []
    return [f"This run cannot be used: the control differs by more than {_MOST:.0%}. Run it again."]


def control_in_words(ratios: Sequence[float], word: str) -> str:
    """What the control came to, on several of what the word names."""
    return (
        f"Control: {DEVICE_ONLY} under a second name takes {median(ratios):.3f} times as long as before in "
        f"the median of {counted(len(ratios), word)}, {min(ratios):.3f} to {max(ratios):.3f} on single ones."
    )
