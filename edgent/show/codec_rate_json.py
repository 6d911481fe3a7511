"""Accuracies of exits and of codecs as plain values, for ``edgent evaluate --json``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.accuracy.codec_accuracy import CodecAccuracies
    from edgent.accuracy.codec_rates import CodecRate


def codec_rate_json(rates: Sequence[CodecRate], accuracies: CodecAccuracies) -> dict[str, Any]:
    """What every exit reaches without loss, and behind every codec at every crossing.

    Args:
        rates: by rising bytes.
        accuracies: of which they were made.
    """
    return {
        "measure": accuracies.measure,
        "inputs": accuracies.images,
        "compared": accuracies.compared,
        "input_codecs": accuracies.input_codecs,
        "exits": [asdict(exit_) for exit_ in accuracies.exits],
        "codecs": [asdict(rate) for rate in rates],
    }
