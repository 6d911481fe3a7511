"""Which of its files a pipeline lacks, so that an interrupted `edgent new` goes on where it stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.accuracy.codec_accuracy import read_accuracies
from edgent.errors import StaleFileError
from edgent.exits.record import read_record

if TYPE_CHECKING:
    from edgent.spec import Pipeline


def lacks_exits(spec: Pipeline) -> bool:
    """Whether a network that gives classes has one exit, and none were ever made for it."""
    if spec.output != "labels" or len(spec.exits) > 1:
        return False
    try:
        read_record(spec.resolve(f"{spec.name}/exits.yaml"), spec.model.sha256 or "")
    except StaleFileError:
        return True
    return False


def lacks_accuracies(spec: Pipeline) -> bool:
    """Whether the accuracies of this very network have not been measured."""
    if spec.codecs.accuracy is None:
        return True
    try:
        read_accuracies(spec.resolve(spec.codecs.accuracy), spec.model.sha256 or "")
    except StaleFileError:
        return True
    return False
