"""What exits lose behind feature codecs: as evaluated, else as the codecs' own records say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgent.accuracy.codec_accuracy import FeatureChange
    from edgent.network import Network


def feature_losses(
    network: Network, measure: str, evaluated: Iterable[FeatureChange] = ()
) -> dict[str, dict[str, float]]:
    """By exit, then by the name of the code; what is not known by this measure is left out.

    A codec that turned more answers right than wrong did so by chance, and counts as no gain.

    Args:
        network: with the codecs that its spec names.
        measure: what accuracies are measured by.
        evaluated: what `edgent evaluate` measured, of any training.
    """
    lost: dict[str, dict[str, float]] = {name: {} for name in network.graph.exit_names}
    for codec in network.feature_codecs.values():
        for score in codec.record.exits if codec.record.measure == measure else ():
            if score.exit in lost:
                lost[score.exit][codec.code.name] = max(0.0, score.without - score.with_codec)
    for row in evaluated:
        if row.exit in lost:
            lost[row.exit][row.code] = max(0.0, -row.change)
    return lost
