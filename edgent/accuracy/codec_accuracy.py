"""What codecs cost in accuracy: the file that `edgent evaluate` writes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import ConfigDict, Field

from edgent.generated_file import STRICT, Provenance, Row, read_generated, write_generated
from edgent.planning.costs import ACCURACY
from edgent.planning.plan import FLOAT32, RAW

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


FORMAT = 2
_EARLIER = (1,)  # without a measure, which was accuracy
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
class CodecAccuracies:
    """The accuracies of a network.

    Attributes:
        made_by: what made the accuracies.
        images: number of images behind the exits' accuracies.
        compared: number of images behind the changes.
        exits: accuracy of each exit, shallow to deep.
        changes: what every lossy pair does to every exit at every cut.
        measure: by which answers were scored: ``accuracy``, or one that needs no labels.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    made_by: Provenance
    images: Annotated[int, Field(ge=1)]
    compared: Annotated[int, Field(ge=0)]
    exits: tuple[ExitAccuracy, ...]
    changes: tuple[AccuracyChange, ...]
    measure: Annotated[str, Field(min_length=1)] = ACCURACY

    def __post_init__(self) -> None:
        """Refuse changes of exits that are not listed."""
        unlisted = {row.exit for row in self.changes} - {row.exit for row in self.exits}
        if unlisted:
            raise ValueError(f"changes name {', '.join(sorted(unlisted))}, which exits does not list")

    @cached_property
    def by_exit(self) -> Mapping[str, Mapping[tuple[str, str], float]]:
        """Accuracy by exit, then by (input codec, activation codec): at the cut where the pair costs most.

        A codec that turned more answers right than wrong did so by chance: that does not count.
        """
        by_exit = {row.exit: {(RAW, FLOAT32): row.accuracy} for row in self.exits}
        for row in self.changes:
            pair = (row.input_codec, row.activation_codec)
            lossless = by_exit[row.exit][RAW, FLOAT32]
            accuracy = max(0.0, lossless + min(0.0, row.change))
            by_exit[row.exit][pair] = min(accuracy, by_exit[row.exit].get(pair, 1.0))
        return by_exit

    def write(self, path: Path) -> None:
        """Write it as YAML, one line for each change.

        Raises:
            StaleFileError: it cannot be written.
        """
        content = {
            "measure": self.measure,
            "images": self.images,
            "compared": self.compared,
            "exits": [Row(asdict(row)) for row in self.exits],
            "changes": [Row(asdict(row)) for row in self.changes],
        }
        write_generated(path, WHAT, FORMAT, self.made_by, content)


def read_accuracies(path: Path, model_sha256: str) -> CodecAccuracies:
    """The accuracies of this very model.

    Raises:
        StaleFileError: missing, malformed, of another format, or made for another model.
    """
    return read_generated(path, WHAT, FORMAT, model_sha256, COMMAND, CodecAccuracies, _EARLIER)
