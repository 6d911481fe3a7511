"""Finds out what a spec has to say of a network and photos, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.errors import ModelError, SpecError
from edgent.new_pipeline.given_network import GivenNetwork
from edgent.new_pipeline.photo_sets import PhotoSets, photo_sets
from edgent.new_pipeline.pixel_choice import PixelChoice, choose_pixels, possible_ways
from edgent.new_pipeline.request import AUTO, NONE
from edgent.new_pipeline.trial import Trial, try_photos
from edgent.spec.labels_file import read_labels

if TYPE_CHECKING:
    from edgent.latency.timing import Progress
    from edgent.new_pipeline.request import Request


@dataclass(frozen=True)
class Findings:
    """What is known of a network and photos.

    Attributes:
        network: the user's.
        photos: the user's, or none.
        labels: names of the network's classes; none where it gives no classes.
        labels_are_known: they are from the user, or the network answers photos with them; else they are
            ``class 0`` and so on.
        pixels: how it wants its pixels.
        gets_exits: exits can be made for it, and are wanted.
    """

    network: GivenNetwork
    photos: PhotoSets | None
    labels: tuple[str, ...]
    labels_are_known: bool
    pixels: PixelChoice
    gets_exits: bool


def find_out(request: Request, progress: Progress | None = None) -> Findings:
    """Read the network, look for photos, and try the network on them.

    Raises:
        ModelError: the network is missing, no ONNX, cannot be cut, or answers with no numbers.
        DataError: no such photos, or too few.
        InputError: photos that the network does not take.
        SpecError: an option that does not fit the network.
    """
    network = GivenNetwork.read(request.model, request.outputs)
    names = _given_labels(request, network.classes)
    photos = None if request.photos is None else photo_sets(request.photos, request.seed)
    are_arrays = photos is not None and photos.are_arrays
    ways = possible_ways(NONE if are_arrays and request.pixels == AUTO else request.pixels, network)
    trial = None
    if photos is not None:
        _check_takes_photos(request, network, photos)
        if network.classes is not None and network.channels is not None and not photos.are_arrays:
            trial = try_photos(network, photos.train, ways, request.seed, progress)
            if not trial.has_numbers:
                raise ModelError(
                    f"{request.model} answers photos with NaN or infinity, however their pixels are "
                    "normalised: export it again, with float32 weights where it has float16"
                )
    labels = names or _alphabetical(trial, photos, network.classes)
    pixels = choose_pixels(ways, trial, labels)
    return Findings(
        network,
        photos,
        labels or tuple(f"class {number}" for number in range(network.classes or 0)),
        bool(labels),
        pixels,
        photos is not None and request.exits > 1 and network.can_get_exits,
    )


def _alphabetical(trial: Trial | None, photos: PhotoSets | None, count: int | None) -> tuple[str, ...]:
    """The photos' labels in alphabetical order, if the network answers photos with them; none if not."""
    if trial is None or photos is None:
        return ()
    labels = photos.labels
    return labels if len(labels) == count and trial.knows(labels) else ()


def _check_takes_photos(request: Request, network: GivenNetwork, photos: PhotoSets) -> None:
    """Refuse photos for a network that can take none, before anything is written."""
    if photos.are_arrays or (network.channels is not None and request.pixels != NONE):
        return
    if network.channels is not None and not network.takes_floats:
        return
    shape = "x".join(map(str, network.source.shape))
    why = "--pixels none leaves it so" if network.channels is not None else "that is no picture"
    raise SpecError(
        f"{request.model} takes {network.source.dtype} {shape}, and {why}: photos cannot become that; give "
        ".npy arrays in the same folders, or leave --photos out"
    )


def _given_labels(request: Request, count: int | None) -> tuple[str, ...]:
    """The names that the user gives so many classes; none where no file is given.

    Raises:
        SpecError: the file cannot be read, or names another number of classes.
    """
    if request.labels is None:
        return ()
    try:
        labels = tuple(read_labels(request.labels))
    except SpecError as error:
        raise SpecError(f"--labels {error}") from None
    if len(labels) != count:
        classes = "gives no classes" if count is None else f"has {count:,} classes"
        raise SpecError(f"--labels {request.labels}: {len(labels):,} names, and {request.model} {classes}")
    return labels
