"""The control: the same plan under two names, and by how much these may differ."""

from collections.abc import Sequence
from statistics import median

from benchmarks.studies.workload.methods import DEVICE_ONLY
from edgent.counted import counted

MOST_CONTROL = 0.02
"""By how much the second name may differ from the first, relative."""


def is_too_far(ratios: Sequence[float]) -> bool:
    """Whether figures cannot be compared.

    Args:
        ratios: Of each link: how many times as long the same plan takes under its second name.
    """
    return abs(median(ratios) - 1) > MOST_CONTROL


def control_in_words(ratios: Sequence[float], word: str) -> str:
    """What the control came to, on several of what the word names."""
    return (
        f"Control: {DEVICE_ONLY} under a second name takes {median(ratios):.3f} times as long as before in "
        f"the median of {counted(len(ratios), word)}, {min(ratios):.3f} to {max(ratios):.3f} on single ones."
    )
