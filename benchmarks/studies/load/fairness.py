"""Whether each device gets its share of an edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FAIRNESS_HEADS = ("fairness", "by equal chances", "least served", "got nothing")


@dataclass(frozen=True)
class Fairness:
    """How alike the shares of devices are.

    Attributes:
        index: Jain's, of the shares: 1 where they are equal, 1/n where one of n devices has all.
        by_equal_chances: What it would be if each request had the same chance: few requests of each device
            make unlike shares by themselves.
        least_share: The share of the device that is served least, 0 to 1.
        unserved: How many devices have nothing.
        devices: How many have a share at all, as they asked something.
    """

    index: float
    by_equal_chances: float
    least_share: float
    unserved: int
    devices: int

    def cells(self) -> tuple[str, ...]:
        """In a table, below `FAIRNESS_HEADS`."""
        return (
            f"{self.index:.2f}",
            f"{self.by_equal_chances:.2f}",
            f"{self.least_share:.0%}",
            f"{self.unserved} of {self.devices}",
        )


def fairness_of(served: Iterable[Sequence[bool]]) -> Fairness:
    """How fairly requests were served; where none was, nobody has more than another.

    Args:
        served: Of each device, whether each of its requests was; devices without requests do not count.
    """
    asked = [requests for requests in served if requests]
    shares = np.array([np.mean(requests) for requests in asked])
    if not shares.any():
        return Fairness(1.0, 1.0, 0.0, len(asked), len(asked))
    chance = float(np.mean(np.concatenate(asked)))
    by_chance = chance * (1.0 - chance) * float(np.mean([1.0 / len(requests) for requests in asked]))
    return Fairness(
        float(shares.mean()) ** 2 / float(np.square(shares).mean()),
        chance**2 / (chance**2 + by_chance),
        float(shares.min()),
        int((shares == 0).sum()),
        len(asked),
    )
