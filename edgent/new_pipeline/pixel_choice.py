"""How a network wants its pixels: as the user says, as a trial on photos tells, or as most networks do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.core.nearest_name import nearest_name
from edgent.errors import SpecError
from edgent.new_pipeline.normalisation import IMAGENET, NORMALISATIONS, Normalisation
from edgent.new_pipeline.request import AUTO, NONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edgent.new_pipeline.given_network import GivenNetwork
    from edgent.new_pipeline.trial import Trial, Ways

RIGHT, CLEAR = "share of right answers", "clarity of its answers"
_CLOSE = 0.97  # of the best way's figure: from here on another way might as well be it


@dataclass(frozen=True)
class PixelChoice:
    """A normalisation, and how it was found.

    Attributes:
        normalisation: None where the network takes pixels as they are, or no pictures.
        figures: by way, where several were tried; empty otherwise.
        measure: what the figures are.
        is_assumed: neither the user nor a trial told.
    """

    normalisation: Normalisation | None
    figures: Mapping[str, float]
    measure: str = CLEAR
    is_assumed: bool = False

    @property
    def is_close(self) -> bool:
        """Whether another way did nearly as well."""
        return sum(figure >= _CLOSE * max(self.figures.values()) for figure in self.figures.values()) > 1


def possible_ways(wanted: str, network: GivenNetwork) -> Ways:
    """The normalisations that come into question: all, the one that the user names, or none.

    Raises:
        SpecError: no normalisation has this name.
    """
    if wanted not in (AUTO, NONE, *NORMALISATIONS):
        raise SpecError(f"--pixels {wanted}: {nearest_name(wanted, (AUTO, NONE, *NORMALISATIONS))}")
    if network.channels is None or not network.takes_floats or wanted == NONE:
        return {NONE: None}
    return NORMALISATIONS if wanted == AUTO else {wanted: NORMALISATIONS[wanted]}


def choose_pixels(ways: Ways, trial: Trial | None, classes: Sequence[str]) -> PixelChoice:
    """The normalisation that belongs in front of a network.

    Where the photos' labels are classes that it knows, most right answers decide, else the clearest ones.

    Args:
        ways: that come into question.
        trial: the network's answers in each; None where none was possible.
        classes: what the network's classes are called.
    """
    if len(ways) == 1:
        return PixelChoice(next(iter(ways.values())), {})
    if trial is None:
        return PixelChoice(IMAGENET, {}, is_assumed=True)
    measure = RIGHT if trial.knows(classes) else CLEAR
    figures = trial.right(classes) if measure == RIGHT else trial.clarity()
    return PixelChoice(ways[max(figures, key=lambda way: figures[way])], figures, measure)
