"""Trains an exit at every candidate place, and keeps those that are worth having."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.exits.choice import choose_exits
from edgent.exits.softmax_regression import LinearLayer, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.exits.features import Features
    from edgent.latency.timing import Progress

PENALTIES = (1e-3, 1e-2, 1e-1)
VALIDATION_SHARE = 0.2


@dataclass(frozen=True)
class TriedPlace:
    """A candidate place as the validation photos judge it.

    Attributes:
        share: of the network's multiply-accumulates that lies before it.
        penalty: the best of ``PENALTIES``; 0 for the network's own output, which is not fitted.
        accuracy: on the validation photos.
    """

    share: float
    penalty: float
    accuracy: float


@dataclass(frozen=True)
class TrainedExits:
    """The exits that are worth having.

    Attributes:
        tried: every candidate, shallow to deep; the network's own output last where it stays.
        chosen: indices into ``tried``.
        layers: of the chosen ones, fitted to all photos; the network's own output has none.
    """

    tried: tuple[TriedPlace, ...]
    chosen: tuple[int, ...]
    layers: tuple[LinearLayer, ...]


def train_exits(
    features: Features,
    targets: np.ndarray,
    shares: Sequence[float],
    count: int,
    *,
    keeps_classifier: bool,
    seed: int = 0,
    progress: Progress | None = None,
) -> TrainedExits:
    """Choose places on a fifth of the photos, having trained on the others; then train the chosen on all.

    Args:
        features: of all photos, at each place.
        targets: probability of every class for each photo, shape (n, classes).
        shares: of the network's work before each place.
        count: number of exits at most.
        keeps_classifier: the network's own output is the deepest exit.
        seed: of the choice of validation photos.
        progress: called with what is going on, how much is done, and of how much.
    """
    judges = np.zeros(len(targets), bool)
    order = np.random.default_rng(seed).permutation(len(targets))
    judges[order[: max(1, round(VALIDATION_SHARE * len(targets)))]] = True
    tried = []
    for number, (share, place) in enumerate(zip(shares, features.places, strict=True), start=1):
        tried.append(_try(place, targets, judges, share))
        if progress is not None:
            progress("exits at candidate places", number, len(shares))
    if keeps_classifier:
        tried.append(TriedPlace(1.0, 0.0, accuracy(features.answers[judges], targets[judges])))
    chosen = choose_exits(
        [place.share for place in tried],
        [place.accuracy for place in tried],
        count,
        keeps_last=keeps_classifier,
    )
    fitted = chosen[:-1] if keeps_classifier else chosen
    layers = tuple(fit(features.places[k], targets, tried[k].penalty) for k in fitted)
    return TrainedExits(tuple(tried), chosen, layers)


def accuracy(scores: np.ndarray, targets: np.ndarray) -> float:
    """Share of the photos that get their most probable class."""
    return float((scores.argmax(axis=1) == targets.argmax(axis=1)).mean())


def _try(place: np.ndarray, targets: np.ndarray, judges: np.ndarray, share: float) -> TriedPlace:
    """The best of the penalties; of equally good ones the largest, which trusts the photos least."""
    tries = []
    for penalty in reversed(PENALTIES):
        layer = fit(place[~judges], targets[~judges], penalty)
        tries.append(TriedPlace(share, penalty, accuracy(layer.scores(place[judges]), targets[judges])))
    return max(tries, key=lambda tried: tried.accuracy)
