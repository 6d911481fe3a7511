"""What a user is told of a network and photos: what was found, what was assumed, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.counted import counted
from edgent.new_pipeline.normalisation import NORMALISATIONS
from edgent.new_pipeline.trial import PHOTOS
from edgent.spec.input_section import MOST_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.new_pipeline.finding_out import Findings
    from edgent.new_pipeline.photo_sets import PhotoSets
    from edgent.new_pipeline.pixel_choice import PixelChoice


def remarks(findings: Findings) -> Iterator[str]:
    """One sentence or two on each thing."""
    network, photos = findings.network, findings.photos
    shape, outputs = "x".join(map(str, network.source.shape)), network.outputs
    yield f"The network takes {network.source.dtype} {shape}; number of outputs: {len(outputs)}."
    if len(outputs) > 1:
        yield f"They become exits in the order of their work: {', '.join(outputs)}."
    yield from _on_pixels(findings.pixels)
    if not findings.labels:
        yield (
            f"It does not give a score for each of 2 to {MOST_LABELS:,} classes, so exits answer with arrays "
            "(output: tensor)."
        )
    elif not findings.labels_are_known:
        count = len(findings.labels)
        yield f"Its {count:,} classes have numbers for names: name them with --labels FILE, one on each line."
    if photos is not None:
        yield from _on_photos(photos)
        if photos.is_labelled and not findings.gets_exits and not findings.labels_are_known:
            yield (
                f"The photos' labels ({', '.join(photos.labels[:3])}, ...) are no classes of it, and no exit "
                "is going to learn them: their accuracy cannot be counted without --labels."
            )


def _on_photos(photos: PhotoSets) -> Iterator[str]:
    kind = f"of {len(photos.labels)} classes" if photos.is_labelled else "without labels"
    to_train = counted(len(photos.train), "photo")
    yield f"{to_train} {kind} to train on, {len(photos.held_out):,} to measure with."


def _on_pixels(pixels: PixelChoice) -> Iterator[str]:
    best = pixels.normalisation
    if best is None:
        return
    if pixels.is_assumed:
        yield (
            f"Its file does not say how it wants pixels: {best.name} ({best.used_by}) is assumed; choose "
            f"with --pixels {', '.join(NORMALISATIONS)}."
        )
    if pixels.figures:
        sure = "That is close: choose" if pixels.is_close else "Choose"
        yield (
            f"It wants pixels normalised as {best.name} ({best.used_by}), by the {pixels.measure} on up to "
            f"{PHOTOS} photos. {sure} with --pixels if you know better."
        )


def doubts(findings: Findings) -> Iterator[str]:
    """What is likely to be wrong, in one sentence or two on each thing."""
    pixels = findings.pixels
    if pixels.is_guessing:
        yield (
            "In no way to normalise pixels is the network right on more of "
            f"{pixels.labelled} labelled photos than one and the same answer for all would be. Its classes "
            "may be in another order than the names that --labels gives, or it wants pixels that none of "
            "these ways gives (--pixels none takes arrays of yours)."
        )
