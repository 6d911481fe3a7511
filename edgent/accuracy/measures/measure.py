"""What every measure is: it scores answers, each from 0 to 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from edgent.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy.typing as npt


@runtime_checkable
class Measure(Protocol):
    """Scores answers by what is wanted of them."""

    @property
    def summary(self) -> str:
        """What a mean score is, in a clause."""

    @property
    def outputs(self) -> Collection[str]:
        """For which ``output`` of a spec it is: ``labels``, ``tensor`` or both."""

    @property
    def needs_labels(self) -> bool:
        """Whether an input's label is wanted, or what the deepest exit gives for it without loss."""

    def scores(self, answers: np.ndarray, wanted: np.ndarray) -> npt.NDArray[Any]:
        """A score from 0 to 1 for each answer, 1 for one that is as wanted. Shape (n,).

        Args:
            answers: what an exit gives. Shape (n, ...).
            wanted: numbers of classes, shape (n,), or the deepest exit's answers, of the answers' shape.
        """


def checked_scores(
    name: str, measure: Measure, answers: np.ndarray, wanted: np.ndarray
) -> npt.NDArray[np.float64]:
    """The scores of a measure, which may be another package's.

    Raises:
        PluginError: it gives something else than a number from 0 to 1 for each answer.
    """
    scores = np.asarray(measure.scores(answers, wanted), dtype=np.float64)
    if scores.shape != (len(answers),) or not ((scores >= 0) & (scores <= 1)).all():
        raise PluginError(
            f"measure {name!r} gives scores of shape {scores.shape} for {len(answers)} answers, from "
            f"{scores.min(initial=1)} to {scores.max(initial=0)}; it must give each a number from 0 to 1"
        )
    return scores
