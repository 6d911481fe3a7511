"""What feature codecs do in a plan, in words."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edgent.planning.stages import Stage


def feature_sentences(stages: Iterable[Stage]) -> Iterator[str]:
    """A sentence for each feature codec: what its encoder reads, and which layers it takes the place of."""
    running = [stage for stage in stages if stage.codec is None]
    for before, behind in pairwise(running):
        if before.encoder is None:
            continue
        reads = f"what layer {before.stop} gives" if before.stop else "the input"
        replaced = before.stop + 1, behind.start
        instead = ""
        if before.stop < behind.start:
            layers = (
                f"layer {replaced[0]}"
                if replaced[0] == replaced[1]
                else f"layers {replaced[0]} to {replaced[1]}"
            )
            instead = f" and takes the place of {layers}"
        yield f"Feature codec {before.encoder} reads {reads}{instead}."
