"""What it takes to ask the exits on the way, in multiply-accumulates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from edgent.graph.exit_path import ExitPath

    FloatArray = npt.NDArray[np.float64]

_LARGEST_SHARE = 0.5
_MOST_EXITS = 8  # every choice of them is looked at


def branch_macs(paths: Sequence[ExitPath]) -> npt.NDArray[np.int64]:
    """What lies between the trunk and each exit; of the deepest nothing. Shape (exits,)."""
    return np.array([sum(layer.macs for layer in path.layers[path.leaves_after :]) for path in paths])


def worth_checking(paths: Sequence[ExitPath]) -> npt.NDArray[np.bool_]:
    """The exits at which an input may leave: those that pay where half of the inputs that come do.

    Whoever goes on has run an exit's branch for nothing, and whoever leaves is spared the rest of the way. It
    is decided by the network alone, so that it takes nothing from a guarantee. An exit whose path leaves the
    trunk behind that of a deeper one is not on the way to it; one that begins at the input is on the way to
    every deeper one. Of more than eight that pay, eight are kept that are spread evenly from the first to the
    last. Shape (exits,).

    Args:
        paths: of all exits, shallow to deep.
    """
    whole, branches = np.array([path.macs for path in paths]), branch_macs(paths)
    spared = whole[-1] - whole + branches
    forks = np.array([path.leaves_after for path in paths])
    on_every_way = forks == np.minimum.accumulate(forks[::-1])[::-1]
    worth: npt.NDArray[np.bool_] = on_every_way & (branches < _LARGEST_SHARE * spared)
    worth[-1] = False
    those = np.flatnonzero(worth)
    if len(those) > _MOST_EXITS:
        worth[:] = False
        worth[those[np.linspace(0, len(those) - 1, _MOST_EXITS).round().astype(np.int64)]] = True
    return worth


def expected_macs(
    paths: Sequence[ExitPath], checked: npt.NDArray[np.bool_], shares: FloatArray
) -> float | FloatArray:
    """Multiply-accumulates of an input in the mean, those of exits that it did not leave at among them.

    Args:
        paths: of the exits on the way and of the one that plans stop at, shallow to deep.
        checked: at which of them inputs may leave. Shape (exits,).
        shares: of the inputs that leave at each. Shape (..., exits), a result of shape (...).
    """
    for_nothing = branch_macs(paths) * checked
    on_the_way = np.cumsum(for_nothing) - for_nothing
    macs: FloatArray = shares @ (np.array([path.macs for path in paths]) + on_the_way)
    return macs
