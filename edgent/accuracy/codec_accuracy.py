"""What codecs cost in accuracy: the file that `edgent evaluate` writes."""

from __future__ import annotations

import itertools
import math
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import ConfigDict, Field

from edgent.errors import StaleFileError
from edgent.generated_file import STRICT, Provenance, Row, read_generated, write_generated
from edgent.planning.costs import ACCURACY
from edgent.planning.plan import FLOAT32, RAW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edgent.planning.costs import FloatArray
    from edgent.spec import Pipeline

FORMAT = 3
_EARLIER = (1, 2)  # 1: without a measure, which was accuracy; 2: without input_codecs and sizes
LOSSLESS_INPUTS = (RAW, "webp")
"""Input codecs that are offered whatever is chosen."""
WHAT = "codec accuracy"
COMMAND = "edgent evaluate SPEC"


@dataclass(frozen=True)
class ExitAccuracy:
    """Accuracy of one exit, with no codec or lossless ones: 0 to 1, by whichever measure."""

    exit: str
    accuracy: Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class AccuracyChange:
    """What one pair of codecs does to one exit at one cut.

    Attributes:
        exit: whose answers are compared.
        partition_point: where the activation codec is used; 0 where only the input codec loses something.
        input_codec, activation_codec: ``raw`` and ``float32`` stand for every lossless one.
        change: what the pair adds to the accuracy, e.g. -0.001 for a loss of a tenth of a point.
        standard_error: the change's; 0 where no answer changed, which with few images proves little.
    """

    exit: str
    partition_point: Annotated[int, Field(ge=0)]
    input_codec: str
    activation_codec: str
    change: Annotated[float, Field(ge=-1, le=1)]
    standard_error: Annotated[float, Field(ge=0)]


@dataclass(frozen=True)
class FeatureChange:
    """What one feature codec does to one exit.

    Attributes:
        exit: whose answers are compared.
        code: name of the codec's code, which says of which training it is.
        change, standard_error: as of `AccuracyChange`.
    """

    exit: str
    code: str
    change: Annotated[float, Field(ge=-1, le=1)]
    standard_error: Annotated[float, Field(ge=0)]


@dataclass(frozen=True)
class CodecSize:
    """Bytes of a codec's frames at a cut, header included: an input at partition point 0.

    Attributes:
        exit: the deepest one whose path has the cut.
        partition_point: where the tensor crosses.
        codec: its name.
        size_bytes: mean over the inputs that were compared; over fewer for a lossless codec.
        size_p95_bytes: 95th percentile of them.
    """

    exit: str
    partition_point: Annotated[int, Field(ge=0)]
    codec: str
    size_bytes: Annotated[float, Field(gt=0)]
    size_p95_bytes: Annotated[float, Field(gt=0)]


@dataclass(frozen=True)
class CodecAccuracies:
    """The accuracies of a network.

    Attributes:
        made_by: what made the accuracies.
        images: number of images behind the exits' accuracies.
        compared: number of images behind the changes.
        exits: accuracy of each exit, shallow to deep.
        changes: what every lossy pair does to every exit at every cut.
        measure: by which answers were scored: ``accuracy``, or one that needs no labels.
        input_codecs: those that were chosen where the spec leaves the choice; else none.
        sizes: of the frames of every codec at every cut.
        features: what every feature codec does to every exit behind it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    made_by: Provenance
    images: Annotated[int, Field(ge=1)]
    compared: Annotated[int, Field(ge=0)]
    exits: tuple[ExitAccuracy, ...]
    changes: tuple[AccuracyChange, ...]
    measure: Annotated[str, Field(min_length=1)] = ACCURACY
    input_codecs: tuple[str, ...] = ()
    sizes: tuple[CodecSize, ...] = ()
    features: tuple[FeatureChange, ...] = ()

    def __post_init__(self) -> None:
        """Refuse changes of exits that are not listed."""
        unlisted = {row.exit for row in self.changes} - {row.exit for row in self.exits}
        if unlisted:
            raise ValueError(f"changes name {', '.join(sorted(unlisted))}, which exits does not list")

    @cached_property
    def by_exit(self) -> Mapping[str, Mapping[tuple[str, str], float | FloatArray]]:
        """Accuracy by exit, then by (input codec, activation codec), as `ExitCosts` has it.

        Under a lossy activation codec there is one for each partition point, up to the last compared one; not
        a number where the pair was not compared. A codec that turned more answers right than wrong did so by
        chance: neither one codec nor a second one on top of it is counted as a gain. A pair that was not
        compared costs what both cost alone (docs/laboratory/codecs.md has how near that is).
        """
        return {row.exit: dict(self._of_exit(row)) for row in self.exits}

    def _of_exit(self, lossless: ExitAccuracy) -> Iterator[tuple[tuple[str, str], float | FloatArray]]:
        """One exit's accuracies, by pair."""
        loss = {
            (row.input_codec, row.activation_codec, row.partition_point): max(0.0, -row.change)
            for row in self.changes
            if row.exit == lossless.exit
        }
        points = 1 + max((point for _, _, point in loss), default=0)
        sources = dict.fromkeys((RAW, *(source for source, _, _ in loss)))
        activations = dict.fromkeys((FLOAT32, *(activation for _, activation, _ in loss)))
        for pair in itertools.product(sources, activations):
            lost = np.array([_lost(loss, pair, point) for point in range(points)])
            accuracy = np.maximum(lossless.accuracy - lost, 0.0)
            yield pair, float(accuracy[0]) if pair[1] == FLOAT32 else accuracy

    def write(self, path: Path) -> None:
        """Write it as YAML, one line for each change.

        Raises:
            StaleFileError: it cannot be written.
        """
        content = {
            "measure": self.measure,
            "images": self.images,
            "compared": self.compared,
            "input_codecs": list(self.input_codecs),
            "exits": [Row(asdict(row)) for row in self.exits],
            "changes": [Row(asdict(row)) for row in self.changes],
            "sizes": [Row(asdict(row)) for row in self.sizes],
        }
        if self.features:
            content["features"] = [Row(asdict(row)) for row in self.features]
        write_generated(path, WHAT, FORMAT, self.made_by, content)


def _lost(loss: Mapping[tuple[str, str, int], float], pair: tuple[str, str], point: int) -> float:
    """What a pair of codecs costs at a partition point; not a number where that is not known."""
    source, activation = pair
    alone = (
        0.0 if source == RAW else loss.get((source, FLOAT32, 0), math.nan),
        0.0 if activation == FLOAT32 else loss.get((RAW, activation, point), math.nan),
    )
    together = loss.get((*pair, point))
    return sum(alone) if together is None else float(np.nanmax([together, *alone]))


def chosen_input_codecs(spec: Pipeline, model_sha256: str) -> tuple[str, ...]:
    """The input codecs that `edgent evaluate` chose; before it has, those without loss."""
    if spec.codecs.accuracy is None:
        return LOSSLESS_INPUTS
    try:
        chosen = read_accuracies(spec.resolve(spec.codecs.accuracy), model_sha256).input_codecs
    except StaleFileError:  # whoever needs the accuracies says so
        return LOSSLESS_INPUTS
    return chosen or LOSSLESS_INPUTS


def read_accuracies(path: Path, model_sha256: str) -> CodecAccuracies:
    """The accuracies of this very model.

    Raises:
        StaleFileError: missing, malformed, of another format, or made for another model.
    """
    return read_generated(path, WHAT, FORMAT, model_sha256, COMMAND, CodecAccuracies, _EARLIER)
