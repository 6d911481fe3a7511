"""Whether a network answers each input of a batch by itself: asked before edges answer some together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgent.core.segment import Segment
from edgent.errors import ModelError

if TYPE_CHECKING:
    from edgent.network import Network

_MOST_DIFFERENCE = 0.05
"""Of the largest number that is answered. Kernels for batches differ by far less, a mean over it by more."""


def check_batchable(network: Network) -> None:
    """Let the whole path of every exit answer two inputs together and alone.

    Args:
        network: one whose edge answers several requests together (`edge.batch_size`).

    Raises:
        ModelError: an answer depends on the other input: one device would change what another one is told.
            Or every answer is NaN or infinite, and nobody can tell.
    """
    graph = network.graph
    inputs = _inputs(graph.input_shape, np.dtype(graph.input_dtype))
    for path in graph.paths:
        segment = Segment(network.segments.head(path.index, len(path.layers)))
        alone = np.concatenate([segment.run(one[np.newaxis]) for one in inputs]).astype(np.float64)
        together = segment.run(inputs).astype(np.float64)
        told = f"{graph.path}: what {path.exit_name} answers to "
        remedy = f"edge.batch_size is {network.spec.edge.batch_size}: set it to 1 in {network.spec.file}"
        if not np.isfinite(alone).any():
            raise ModelError(
                f"{told}random inputs is NaN or infinite throughout: nobody can tell whether it depends on "
                f"others of a batch, and {remedy}"
            )
        if _differ(together, alone):
            raise ModelError(f"{told}an input depends on others of its batch, and {remedy}")


def _differ(together: np.ndarray, alone: np.ndarray) -> bool:
    """Whether answers in a batch are others than alone; NaN or the same infinity in both places is none."""
    finite = np.isfinite(alone)
    if not np.array_equal(together[~finite], alone[~finite], equal_nan=True):
        return True
    most = _MOST_DIFFERENCE * np.abs(alone[finite]).max()
    return not (np.abs(together[finite] - alone[finite]) <= most).all()


def _inputs(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Two inputs that differ; shape (2, *shape)."""
    random = np.random.default_rng(0)
    if np.issubdtype(dtype, np.floating):
        return random.normal(size=(2, *shape)).astype(dtype)
    if dtype == np.uint8:  # pixels
        return random.integers(0, 256, (2, *shape), dtype)
    return random.integers(0, 2, (2, *shape)).astype(dtype)  # any table of tokens has these
