"""The device's own exits: what they take here and now, and the one to fall back on."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from edgent.planning.fallback import LocalExit

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.tails import Tails
    from edgent.network import Network

_FIRST_RUNS = 5
_REMEMBERED_RUNS = 200
_SPREAD = 0.99  # the share of runs that the time of an exit covers


class LocalExits:
    """Runs whole paths on the device and remembers how long each took, spread included."""

    def __init__(
        self, network: Network, tails: Tails, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """Load every exit's path and time it a few times.

        Args:
            network: the network.
            tails: holds the sessions.
            clock: monotonic seconds.
        """
        self._tails = tails
        self._clock = clock
        self._exits = [
            (
                path.index,
                exit_.name,
                exit_.accuracy if exit_.accuracy is not None else (path.index + 1) * 1e-3,
            )
            for path, exit_ in zip(network.graph.paths, network.spec.exits, strict=True)
        ]
        self._runs: list[deque[float]] = [deque(maxlen=_REMEMBERED_RUNS) for _ in self._exits]
        zeros = np.zeros((1, *network.graph.input_shape), network.graph.input_dtype)
        for _ in range(_FIRST_RUNS):
            for index, _, _ in self._exits:
                self.run(index, zeros)

    def run(self, exit_index: int, tensor: np.ndarray) -> np.ndarray:
        """Logits, shape (batch, classes), of a whole path."""
        began_s = self._clock()
        logits = self._tails.run(exit_index, 0, tensor)
        self._runs[exit_index].append(self._clock() - began_s)
        return logits

    def times(self) -> tuple[LocalExit, ...]:
        """Each exit with its accuracy and the time that 99 % of its latest runs kept to, shallow to deep.

        An exit whose accuracy was never measured counts by its depth.
        """
        return tuple(
            LocalExit(name, accuracy, float(np.quantile(self._runs[index], _SPREAD)))
            for index, name, accuracy in self._exits
        )
