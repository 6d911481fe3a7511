"""How a network wants its pixels: as the user says, as a trial on photos tells, or as most networks do."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.nearest_name import nearest_name
from edgent.errors import InputError, SpecError
from edgent.inputs.tensor import to_tensor
from edgent.new_pipeline.normalisation import IMAGENET, NORMALISATIONS, Normalisation
from edgent.new_pipeline.normalisation_trial import PHOTOS, certainties
from edgent.new_pipeline.request import AUTO, NONE
from edgent.spec.schema import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edgent.inputs.photo_list import Photo
    from edgent.latency.timing import Progress
    from edgent.new_pipeline.given_network import GivenNetwork
    from edgent.new_pipeline.photo_sets import PhotoSets


@dataclass(frozen=True)
class PixelChoice:
    """A normalisation, and how it was found.

    Attributes:
        normalisation: None where the network takes pixels as they are, or no pictures.
        certainties: the network's mean largest probability under each normalisation that was tried.
        is_assumed: neither the user nor a trial told.
    """

    normalisation: Normalisation | None
    certainties: Mapping[str, float]
    is_assumed: bool = False


def choose_pixels(
    wanted: str, network: GivenNetwork, photos: PhotoSets | None, progress: Progress | None = None
) -> PixelChoice:
    """The normalisation that belongs in front of a network.

    Args:
        wanted: its name, ``auto`` or ``none``.
        network: the user's.
        photos: to try it on.
        progress: called with what is going on, how much is done, and of how much.

    Raises:
        SpecError: no normalisation has this name.
        InputError: no photo can be read.
    """
    if wanted not in (AUTO, NONE, *NORMALISATIONS):
        raise SpecError(f"--pixels {wanted}: {nearest_name(wanted, (AUTO, NONE, *NORMALISATIONS))}")
    if network.channels is None or not network.takes_floats or wanted == NONE:
        return PixelChoice(None, {})
    if wanted != AUTO:
        return PixelChoice(NORMALISATIONS[wanted], {})
    if photos is None or network.classes is None or len(network.outputs) > 1:
        return PixelChoice(IMAGENET, {}, is_assumed=True)
    samples = np.concatenate(list(itertools.islice(_samples(network, photos.train), PHOTOS)))
    found = certainties(network.model, samples, network.layout, progress)
    return PixelChoice(NORMALISATIONS[max(found, key=lambda name: found[name])], found)


def _samples(network: GivenNetwork, photos: Sequence[Photo]) -> Iterator[np.ndarray]:
    """Pixels of photos in an order by chance, shape (1, *input shape); passing by what cannot be read.

    Raises:
        InputError: none can be read.
    """
    spec, problem, count = _pixel_spec(network), "", 0
    for k in np.random.default_rng(0).permutation(len(photos)):
        try:
            yield to_tensor(photos[k].file, spec)
            count += 1
        except InputError as error:
            problem = str(error)
    if not count:
        raise InputError(f"none of {len(photos)} photos can be read: {problem}")


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
