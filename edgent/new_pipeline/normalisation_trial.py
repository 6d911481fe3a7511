"""Finds out which normalisation a network was trained with: the one under which it is surest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgent.core.segment import Segment
from edgent.exits.probabilities import probabilities
from edgent.new_pipeline.folding import fold
from edgent.new_pipeline.normalisation import NORMALISATIONS

if TYPE_CHECKING:
    import onnx

    from edgent.latency.timing import Progress

PHOTOS = 96
"""Number of photos that suffice: means of certainties differ by several standard errors."""


def certainties(
    network: onnx.ModelProto, photos: np.ndarray, layout: str, progress: Progress | None = None
) -> dict[str, float]:
    """The mean largest probability that a network gives photos under every normalisation.

    Pixels in a range that it was not trained on make a classifier unsure: EfficientNet-Lite0 gives flowers a
    probability of 0.43 when these are normalised as in its training, and 0.20 to 0.41 otherwise.

    Args:
        network: a classifier, with one input of floats.
        photos: uint8, shape (n, C, H, W) or (n, H, W, C).
        layout: ``CHW`` or ``HWC``.
        progress: called with what is going on, how much is done, and of how much.
    """
    channels = photos.shape[1 if layout == "CHW" else 3]
    found = {}
    for name, normalisation in NORMALISATIONS.items():
        folded = fold(network, normalisation, channels, layout)
        segment = Segment(folded.SerializeToString(), threads=0)
        answers = np.concatenate([segment.run(photo[np.newaxis]) for photo in photos])
        found[name] = float(probabilities(answers.astype(np.float32)).max(axis=1).mean())
        if progress is not None:
            progress("ways to normalise pixels", len(found), len(NORMALISATIONS))
    return found
