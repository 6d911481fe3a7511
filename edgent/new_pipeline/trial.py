"""Tries a network on some photos, with their pixels normalised in each of several ways."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.segment import Segment
from edgent.counted import counted
from edgent.errors import InputError
from edgent.exits.attach import with_outputs
from edgent.exits.known_labels import are_right, knows, share_right
from edgent.inputs.tensor import to_tensor
from edgent.new_pipeline.clarity import clarity
from edgent.new_pipeline.folding import fold
from edgent.spec.schema import Pipeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edgent.inputs.photo_list import Photo
    from edgent.latency.timing import Progress
    from edgent.new_pipeline.given_network import GivenNetwork
    from edgent.new_pipeline.normalisation import Normalisation

    Ways = Mapping[str, Normalisation | None]

PHOTOS = 96
"""Number of photos that are tried."""


@dataclass(frozen=True)
class Trial:
    """What a network answered.

    Attributes:
        labels: of the photos; None where a photo has none.
        answers: by way, shape (n, classes).
    """

    labels: tuple[str | None, ...]
    answers: Mapping[str, np.ndarray]

    @property
    def has_numbers(self) -> bool:
        """Whether any photo is answered with numbers in any way: with neither NaN nor infinity."""
        return any(np.isfinite(answers).all(axis=1).any() for answers in self.answers.values())

    def right(self, classes: Sequence[str]) -> dict[str, np.ndarray]:
        """Whether each photo labelled with a class is answered rightly, by way. Shape (n_labelled,).

        Args:
            classes: what the network's classes are called.
        """
        return {way: are_right(answers, self.labels, classes) for way, answers in self.answers.items()}

    def chance(self, classes: Sequence[str]) -> float:
        """Share of the labelled photos that one and the same answer for all is right on, at best."""
        counts = Counter(label for label in self.labels if label in classes)
        return max(counts.values()) / counts.total() if counts else 0.0

    def clarity(self) -> dict[str, float]:
        """How clear the answers are, by way."""
        return {way: clarity(answers) for way, answers in self.answers.items()}

    def knows(self, classes: Sequence[str]) -> bool:
        """Whether the network answers with these classes, if there are any, in one way at least."""
        best = max(share_right(answers, self.labels, classes) for answers in self.answers.values())
        return bool(classes) and knows(best, len(classes))


def try_photos(
    network: GivenNetwork, photos: Sequence[Photo], ways: Ways, seed: int, progress: Progress | None = None
) -> Trial:
    """Let a network answer some of the photos in each way; what cannot be read is passed by.

    Args:
        network: a classifier of pictures; its deepest output answers.
        photos: to choose from, by chance.
        ways: normalisations by name; None for pixels as they are.
        seed: which photos are chosen follows from it.
        progress: called with what is going on, how much is done, and of how much.

    Raises:
        InputError: none can be read.
    """
    read = _read(network, photos, seed)
    pixels = np.concatenate([tensor for _, tensor in read])
    model = with_outputs(network.model, network.outputs[-1:])
    answers: dict[str, np.ndarray] = {}
    for way, normalisation in ways.items():
        tried = model
        if normalisation is not None:
            tried = fold(model, normalisation, network.channels or 0, network.layout)
        segment = Segment(tried.SerializeToString(), threads=0)
        of_photos = []
        for sample in pixels:
            of_photos.append(segment.run(sample[np.newaxis]))
            if progress is not None:
                done = len(answers) + len(of_photos) / len(pixels)
                progress("ways to normalise pixels", done, len(ways))
        answers[way] = np.concatenate(of_photos).astype(np.float32)
    return Trial(tuple(photo.label for photo, _ in read), answers)


def _read(network: GivenNetwork, photos: Sequence[Photo], seed: int) -> list[tuple[Photo, np.ndarray]]:
    spec, problem = _pixel_spec(network), ""
    read: list[tuple[Photo, np.ndarray]] = []
    for k in np.random.default_rng(seed).permutation(len(photos)):
        try:
            read.append((photos[k], to_tensor(photos[k].file, spec)))
        except InputError as error:
            problem = str(error)
        if len(read) == PHOTOS:
            break
    if not read:
        raise InputError(f"none of {counted(len(photos), 'photo')} can be read: {problem}")
    return read


def _pixel_spec(network: GivenNetwork) -> Pipeline:
    """A spec by which photos become pixels in the network's shape."""
    taken = {"shape": network.source.shape, "dtype": "uint8", "layout": network.layout}
    keys = {
        "version": 1,
        "name": "pixels",
        "model": {"file": "-"},
        "input": {**taken, "preprocessing": {"resize": "cover"}},
        "exits": [{"name": "exit1"}],
        "output": "tensor",
    }
    return Pipeline.model_validate_json(json.dumps(keys))
