"""The ways to an answer that an exit rule has to be good for: any exits asked, any exit to stop at.

Which exits are asked is not known when a rule is calibrated: a device leaves out what costs it more than it
spares, and no one asks behind a codec that loses something. So all of these ways are looked at together, and
whichever is taken later has the guarantee.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    BoolArray = npt.NDArray[np.bool_]
    IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ways:
    """Exits that are asked one after the other, and the one that answers what none of them is sure of.

    Attributes:
        asked: whether an exit is asked. Shape (ways, exits).
        stops: number of the exit at the end. Shape (ways,).
    """

    asked: BoolArray
    stops: IntArray


@dataclass(frozen=True, eq=False)
class Kinds:
    """Inputs that are one to every way: the same exits are sure of them, and the same are right.

    Attributes:
        of_input: the number of each input's kind. Shape (n,).
        sure: which exits are sure of a kind. Shape (kinds, exits).
        scores: which exits' answers to it are right, or agree. Shape (kinds, exits).
    """

    of_input: IntArray
    sure: BoolArray
    scores: BoolArray


def every_way(checked: BoolArray) -> Ways:
    """Each exit but the shallowest at the end, behind each choice of the checked ones before it.

    Args:
        checked: the exits that may be asked. Shape (exits,).
    """
    exits = len(checked)
    asked, stops = [], []
    for stop in range(1, exits):
        before = np.flatnonzero(checked[:stop])
        for choice in range(1, 2 ** len(before)):
            row = np.zeros(exits, np.bool_)
            row[before] = choice >> np.arange(len(before)) & 1
            asked.append(row)
            stops.append(stop)
    return Ways(np.array(asked, np.bool_).reshape(-1, exits), np.array(stops, np.int64))


def kinds(sure: BoolArray, scores: BoolArray) -> Kinds:
    """Sort inputs into kinds, of which there are few.

    Args:
        sure: which exits are sure of each input. Shape (exits, n).
        scores: which exits' answers to it are right, or agree. Shape (exits, n).
    """
    exits = len(sure)
    weights = 2 ** np.arange(2 * exits, dtype=np.int64)
    numbers, of_input = np.unique(weights @ np.concatenate([sure, scores]), return_inverse=True)
    bits = (numbers[:, None] & weights).astype(np.bool_)
    return Kinds(of_input, bits[:, :exits], bits[:, exits:])


def losses(ways: Ways, found: Kinds) -> npt.NDArray[np.int8]:
    """What each way costs on each kind of input: -1, 0 or 1. Shape (ways, kinds).

    It is what the exit at the end of the way scores, less what the exit does at which the input leaves.
    """
    leaves = ways.asked[:, None, :] & found.sure
    number = np.arange(len(ways.stops))
    leaves[number, :, ways.stops] = True
    right = found.scores.astype(np.int8)
    at: IntArray = leaves.argmax(axis=2)
    lost: npt.NDArray[np.int8] = right[:, ways.stops].T - right[np.arange(len(right)), at]
    return lost
