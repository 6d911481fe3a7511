"""An exit at which inputs may leave before the end of their way."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class CheckedExit:
    """An exit at which inputs may leave, where those before it are asked, too.

    Attributes:
        exit: its name.
        point: the partition point at which its path leaves the trunk.
        share: of all inputs that leave there.
        lost: what that costs plans that stop at a deeper exit on whose way it lies, by its name: accuracy of
            all inputs, below 0 for a gain.
    """

    exit: str
    point: int
    share: float
    lost: Mapping[str, float] = field(default_factory=dict)
