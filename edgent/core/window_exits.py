"""Where exits leave a window: the windows that lie between them, and those that are their branches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from edgent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.core.layer_pieces import LayerPieces, Span

_FEWEST_CLASSES = 2

Ends = tuple[str, str]
"""A window, by the names of its first and its last tensor."""


class BetweenExits(NamedTuple):
    """Layers of a window up to an exit, and that exit's own; None where there are none."""

    layers: Ends | None
    branch: Ends | None


def between_exits(layers: LayerPieces, span: Span, branches: Sequence[Span]) -> list[BetweenExits]:
    """What a window is in pieces, with the exits that it passes asked one after the other.

    An exit is on the way if its branch begins behind the window's first layer, or later. The input of a
    window is not: whoever gives it has asked the exit there.

    Args:
        layers: of the network.
        span: the window.
        branches: each exit's own layers, shallow to deep.

    Raises:
        InputError: the window does not pass one of them, or passes it before the one that is named first.
    """
    names = layers.paths[span.exit_name][span.start : span.stop + 1]
    pieces, at = [], 0
    for branch in branches:
        path = layers.paths[branch.exit_name]
        first, last = path[branch.start], path[branch.stop]
        if last != path[-1] or math.prod(layers.tensors[last].shape) < _FEWEST_CLASSES:
            raise InputError(f"layers from {first} to {last} end with no exit that gives classes")
        leaves = names.index(first) if first in names else 0
        if leaves < max(at, 1):
            raise InputError(
                f"{span.exit_name}:p{span.start}-p{span.stop} does not pass the exit {last}, or passes it "
                "before another one that the request names first"
            )
        pieces.append(BetweenExits(_within(names, at, leaves), (first, last)))
        at = leaves
    rest = _within(names, at, len(names) - 1)
    return pieces if rest is None else [*pieces, BetweenExits(rest, None)]


def _within(names: Sequence[str], start: int, stop: int) -> Ends | None:
    return None if start == stop else (names[start], names[stop])
