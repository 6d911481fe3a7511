"""A window in pieces, between exits that inputs may leave at: each input goes no further than it must."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from edgent.core.frame_exits import ExitsAsked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.core.frame_exits import ExitsToAsk
    from edgent.core.window import LoadedWindow, Window


class Piece(NamedTuple):
    """Layers of a window, and the exit that is asked behind them.

    Attributes:
        layers: None where the exit before leaves the trunk at the same point.
        branch: the exit's own layers; None behind the last exit.
    """

    layers: LoadedWindow | None
    branch: LoadedWindow | None


class Given(NamedTuple):
    """What one input gets.

    Attributes:
        output: of the window, or of the exit at which the input left. Shape (1, ...).
        exits: which of them, and what asking took; None where nobody was asked.
    """

    output: np.ndarray
    exits: ExitsAsked | None = None


@dataclass(frozen=True)
class PiecedWindow:
    """A window that can run from exit to exit.

    Attributes:
        window: what it takes.
        pieces: one for each exit in its order, and the layers behind the last one where there are any.
    """

    window: Window
    pieces: tuple[Piece, ...]

    @property
    def least_compute_s(self) -> float:
        """What an input takes at the very least, as it may leave at the first exit."""
        return sum(part.least_compute_s for part in self.pieces[0] if part is not None)

    def run(self, inputs: np.ndarray, to_ask: Sequence[ExitsToAsk]) -> list[Given]:
        """What each input gets; those that have not left run on together.

        Args:
            inputs: shape (n, *input shape of the window).
            to_ask: the thresholds of each input for the exits of these pieces.

        Raises:
            UnknownNameError: nobody declares a measure of confidence.
        """
        given: dict[int, Given] = {}
        here, asked_s = list(range(len(inputs))), 0.0
        for number, (layers, branch) in enumerate(self.pieces):
            inputs = inputs if layers is None else layers.run(inputs)
            if branch is None:
                break
            began_s = time.perf_counter()
            answers = branch.run(inputs)
            leaves = _leaves(answers, number, [to_ask[item] for item in here])
            for gone in np.flatnonzero(leaves):
                given[here[gone]] = Given(answers[gone : gone + 1], ExitsAsked(number, asked_s))
            asked_s += time.perf_counter() - began_s
            inputs, here = inputs[~leaves], [here[going] for going in np.flatnonzero(~leaves)]
            if not here:
                break
        for place, item in enumerate(here):
            given[item] = Given(inputs[place : place + 1], ExitsAsked(None, asked_s))
        return [given[item] for item in range(len(given))]


def _leaves(answers: np.ndarray, number: int, to_ask: Sequence[ExitsToAsk]) -> np.ndarray:
    """Which inputs leave at an exit, each by a rule of its own. Shape (n,)."""
    rows = answers.reshape(len(answers), -1)
    return np.array([rule.leaves(number, rows[place : place + 1])[0] for place, rule in enumerate(to_ask)])
