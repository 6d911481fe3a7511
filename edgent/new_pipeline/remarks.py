"""What a user is told of a network and photos: what was found, what was assumed, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.new_pipeline.normalisation import NORMALISATIONS
from edgent.new_pipeline.normalisation_trial import PHOTOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.new_pipeline.finding_out import Findings
    from edgent.new_pipeline.pixel_choice import PixelChoice


def remarks(findings: Findings, *, names_given: bool) -> Iterator[str]:
    """One sentence or two on each thing."""
    network, photos = findings.network, findings.photos
    shape, outputs = "x".join(map(str, network.source.shape)), network.outputs
    yield f"The network takes {network.source.dtype} {shape}; number of outputs: {len(outputs)}."
    if len(outputs) > 1:
        listed = ", ".join(outputs)
        yield f"They become exits in the order of their work, {listed}; delete in the spec what is none."
    yield from _on_pixels(findings.pixels)
    if not findings.labels:
        yield "It gives no score for each class, so exits answer with arrays (output: tensor)."
    elif not names_given:
        count = len(findings.labels)
        yield f"Its {count:,} classes have numbers for names: name them with --labels FILE, one on each line."
    if photos is not None:
        classes = {photo.label for photo in photos.train if photo.label is not None}
        kind = f"of {len(classes)} classes" if photos.is_labelled else "without labels"
        yield f"{len(photos.train):,} photos {kind} to train on, {len(photos.held_out):,} to measure with."


def _on_pixels(pixels: PixelChoice) -> Iterator[str]:
    best = pixels.normalisation
    if best is None:
        return
    if pixels.is_assumed:
        yield (
            f"Its file does not say how it wants pixels: {best.name} ({best.used_by}) is assumed; choose "
            f"with --pixels {', '.join(NORMALISATIONS)}."
        )
    if pixels.certainties:
        falling = sorted(pixels.certainties.items(), key=lambda found: -found[1])
        others = ", ".join(f"{name} {certainty:.2f}" for name, certainty in falling[1:])
        yield (
            f"It wants pixels normalised as {best.name} ({best.used_by}), it seems: it is surest so of up to "
            f"{PHOTOS} photos ({falling[0][1]:.2f}; {others}). Choose with --pixels if you know better."
        )
