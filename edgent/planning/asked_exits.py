"""Which exits are worth asking: those with which an input takes the least in the mean.

Asking takes an exit's own layers and a cut at the point where its path leaves the trunk. Whoever leaves is
spared the rest. An exit rule holds whichever exits are asked, so they are chosen by seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations


@dataclass(frozen=True)
class AskingCosts:
    """What an exit takes on the way of a plan.

    Attributes:
        exit: its name.
        until_s: seconds of the layers from the input to where its path leaves the trunk.
        asking_s: seconds of its own layers, and of the cut.
    """

    exit: str
    until_s: float
    asking_s: float


def worth_asking(
    on_the_way: Sequence[AskingCosts],
    whole_s: float,
    leaving: Callable[[tuple[str, ...]], Sequence[float]],
) -> tuple[str, ...]:
    """The exits that are asked, shallow to deep; none where asking never pays.

    Args:
        on_the_way: the exits that may be asked, shallow to deep.
        whole_s: seconds of all layers to the exit that the plan stops at.
        leaving: the share of the inputs that leave at each of the exits that are asked, given their names.
    """
    choices = chain.from_iterable(combinations(on_the_way, size) for size in range(len(on_the_way) + 1))
    best = min(choices, key=lambda asked: _mean_s(asked, whole_s, leaving))
    return tuple(one.exit for one in best)


def _mean_s(
    asked: Sequence[AskingCosts], whole_s: float, leaving: Callable[[tuple[str, ...]], Sequence[float]]
) -> float:
    """Seconds of an input in the mean."""
    mean_s = asking_s = 0.0
    coming = 1.0
    for one, share in zip(asked, leaving(tuple(one.exit for one in asked)), strict=True):
        asking_s += one.asking_s
        mean_s += share * (one.until_s + asking_s)
        coming -= share
    return mean_s + coming * (whole_s + asking_s)
