"""How a network wants its pixels: as the user says, as a trial on photos tells, or as most networks do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgent.core.nearest_name import nearest_name
from edgent.errors import SpecError
from edgent.new_pipeline.normalisation import IMAGENET, NORMALISATIONS, Normalisation
from edgent.new_pipeline.request import AUTO, NONE
from edgent.new_pipeline.sign_test import is_better, is_more_than_chance

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
        clarity: of the network's answers, by way, where several were tried; empty otherwise.
        right: share of right answers, by way; empty where no photo is labelled with a class of the network.
        labelled: number of photos that this is a share of.
        measure: which of the two decided.
        is_guessing: even in the best way no more answers are right than one and the same for all gives.
        is_assumed: neither the user nor a trial told.
    """

    normalisation: Normalisation | None
    clarity: Mapping[str, float] = field(default_factory=dict)
    right: Mapping[str, float] = field(default_factory=dict)
    labelled: int = 0
    measure: str = CLEAR
    is_guessing: bool = False
    is_assumed: bool = False

    @property
    def figures(self) -> Mapping[str, float]:
        """By way, what decided."""
        return self.right if self.measure == RIGHT else self.clarity

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

    Without labels the clearest answers decide. With labels most right answers do where the network knows its
    classes well, and elsewhere as soon as they are more than in the clearest way beyond chance.

    Args:
        ways: that come into question.
        trial: the network's answers in each; None where none was possible.
        classes: what the network's classes are called.
    """
    if len(ways) == 1:
        return PixelChoice(next(iter(ways.values())))
    if trial is None:
        return PixelChoice(IMAGENET, is_assumed=True)
    clarity, right = trial.clarity(), trial.right(classes)
    clearest = max(clarity, key=lambda way: clarity[way])
    if not right[clearest].size:
        return PixelChoice(ways[clearest], clarity)
    best = max(right, key=lambda way: (int(right[way].sum()), clarity[way]))
    is_guessing = not is_more_than_chance(right[best], trial.chance(classes))
    decides = trial.knows(classes) or (not is_guessing and is_better(right[best], right[clearest]))
    return PixelChoice(
        ways[best if decides else clearest],
        clarity,
        {way: float(of_way.mean()) for way, of_way in right.items()},
        right[best].size,
        RIGHT if decides else CLEAR,
        is_guessing,
    )
