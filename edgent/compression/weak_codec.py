"""Whether a feature codec is of little use: too short a training, or too much accuracy lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.errors import StaleFileError
from edgent.graph.feature_record import read_feature_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edgent.graph.feature_record import FeatureCodecRecord

_FEWEST_EPOCHS = 1.0
_FAR_BELOW = 0.1  # of the score without the codec


def weaknesses(record: FeatureCodecRecord) -> Iterator[str]:
    """Why a codec is of little use, and what to do, a sentence for each reason."""
    training, deepest = record.training, record.exits[-1]
    if training.epochs < _FEWEST_EPOCHS:
        yield (
            f"{record.name} saw {training.epochs:.0%} of its {training.samples:,} samples in "
            f"{training.duration_s:.0f} s, not even one epoch: go on with --resume and more --minutes, on a "
            "machine that does nothing else"
        )
    lost = deepest.without - deepest.with_codec
    if lost > _FAR_BELOW:
        yield (
            f"{record.name} costs {deepest.exit} {lost:.2f} of its {record.measure} of {deepest.without:.2f}"
            ": plans will hardly choose it; go on with --resume and more --minutes, or try more --bytes or "
            "--channels"
        )


def better_one_there(path: Path, record: FeatureCodecRecord) -> str | None:
    """How much better the codec is that lies where a new one is to be written; None where it is not.

    Args:
        path: the record's file, which may be missing or of another network.
        record: of the new one.
    """
    try:
        before = read_feature_record(path, record.made_by.model_sha256)
    except StaleFileError:
        return None
    old, new = before.exits[-1], record.exits[-1]
    if old.with_codec <= new.with_codec:
        return None
    return (
        f"{path} stays as it is: {old.exit} reaches {old.with_codec:.4f} with it, and would reach "
        f"{new.with_codec:.4f} with the new one"
    )
