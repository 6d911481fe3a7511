"""Finds out what a spec has to say of a network and photos, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.errors import SpecError
from edgent.new_pipeline.given_network import GivenNetwork
from edgent.new_pipeline.photo_sets import PhotoSets, photo_sets
from edgent.new_pipeline.pixel_choice import PixelChoice, choose_pixels

if TYPE_CHECKING:
    from edgent.latency.timing import Progress
    from edgent.new_pipeline.request import Request


@dataclass(frozen=True)
class Findings:
    """What is known of a network and photos.

    Attributes:
        network: the user's.
        photos: the user's, or none.
        labels: names of the network's classes, ``class 0`` and so on where nobody names them; none where it
            gives no classes.
        pixels: how it wants its pixels.
    """

    network: GivenNetwork
    photos: PhotoSets | None
    labels: tuple[str, ...]
    pixels: PixelChoice


def find_out(request: Request, progress: Progress | None = None) -> Findings:
    """Read the network, look for photos, and try how the network wants its pixels.

    Raises:
        ModelError: the network is missing, no ONNX, or cannot be cut.
        DataError: no such photos, or too few.
        InputError: photos that the network does not take.
        SpecError: an option that does not fit the network.
    """
    network = GivenNetwork.read(request.model)
    photos = None if request.photos is None else photo_sets(request.photos, request.seed)
    labels = _labels(request, network.classes)
    return Findings(network, photos, labels, choose_pixels(request.pixels, network, photos, progress))


def _labels(request: Request, count: int | None) -> tuple[str, ...]:
    """Names of so many classes.

    Raises:
        SpecError: the user's file cannot be read, or names another number of classes.
    """
    if request.labels is None:
        return tuple(f"class {number}" for number in range(count or 0))
    try:
        labels = tuple(line.strip() for line in request.labels.read_text(encoding="utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"--labels {request.labels}: cannot be read: {error}") from None
    if len(labels) != count:
        classes = "gives no classes" if count is None else f"has {count:,} classes"
        raise SpecError(f"--labels {request.labels}: {len(labels):,} names, and {request.model} {classes}")
    return labels
