"""Changes of scores, added up batch by batch: their mean, and how far it may be off."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgent.planning.costs import FloatArray


@dataclass
class AddedChanges:
    """What a codec changes in the scores of the same inputs.

    Attributes:
        total: sum of the changes.
        squares: sum of their squares; both are whole numbers where a score is 0 or 1.
    """

    total: float = 0.0
    squares: float = 0.0

    def add(self, changes: FloatArray) -> None:
        """Take in the changes of some inputs. Shape (n,)."""
        self.total += float(changes.sum())
        self.squares += float((changes**2).sum())

    def mean_and_error(self, compared: int) -> tuple[float, float]:
        """The mean change of so many inputs and its standard error, both rounded to six digits."""
        mean = self.total / compared
        variance = max(0.0, self.squares / compared - mean**2)
        return round(mean, 6), round(math.sqrt(variance / compared), 6)
