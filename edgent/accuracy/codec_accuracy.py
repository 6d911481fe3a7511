"""What codecs cost in accuracy: the file that `edgent evaluate` writes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from edgent.errors import StaleFileError
from edgent.generated_file import Provenance, Row, read_generated, write_generated
from edgent.planning.plan import FLOAT32, RAW

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


FORMAT = 1
WHAT = "codec accuracy"
COMMAND = "edgent evaluate SPEC"
_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class ExitAccuracy:
    """Accuracy of one exit, with no codec or lossless ones: 0 to 1."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    exit: str
    accuracy: float


@dataclass(frozen=True)
class AccuracyChange:
    """What one pair of codecs does to one exit at one cut.

    Attributes:
        exit: whose answers are compared.
        partition_point: where the activation codec is used; 0 where only the input codec loses something.
        input_codec, activation_codec: ``raw`` and ``float32`` stand for every lossless one.
        change: of the accuracy, e.g. -0.001 for a tenth of a point.
        standard_error: of the change; 0 where no answer changed, which with few images proves little.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    exit: str
    partition_point: int
    input_codec: str
    activation_codec: str
    change: float
    standard_error: float


@dataclass(frozen=True)
class CodecAccuracies:
    """The accuracies of a network.

    Attributes:
        made_by: provenance.
        images: how many the exits' accuracies come from.
        compared: how many the changes come from.
        exits: shallow to deep.
        changes: of every exit under every lossy pair at every cut.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    made_by: Provenance
    images: int
    compared: int
    exits: tuple[ExitAccuracy, ...]
    changes: tuple[AccuracyChange, ...]

    @cached_property
    def by_exit(self) -> Mapping[str, Mapping[tuple[str, str], float]]:
        """Accuracy by exit, then by (input codec, activation codec): at the cut where the pair costs most.

        A codec that turned more answers right than wrong did so by chance: that does not count.
        """
        found = {one.exit: {(RAW, FLOAT32): one.accuracy} for one in self.exits}
        for one in self.changes:
            pair = (one.input_codec, one.activation_codec)
            plain = found[one.exit][RAW, FLOAT32]
            accuracy = max(0.0, plain + min(0.0, one.change))
            found[one.exit][pair] = min(accuracy, found[one.exit].get(pair, 1.0))
        return found

    def write(self, path: Path) -> None:
        """Write it as YAML, one line for each change.

        Raises:
            StaleFileError: it cannot be written.
        """
        content = {
            "images": self.images,
            "compared": self.compared,
            "exits": [Row(asdict(one)) for one in self.exits],
            "changes": [Row(asdict(one)) for one in self.changes],
        }
        write_generated(path, WHAT, FORMAT, self.made_by, content)


def read_accuracies(path: Path, model_sha256: str) -> CodecAccuracies:
    """The accuracies of this very model.

    Raises:
        StaleFileError: missing, malformed, of another format, or made for another model.
    """
    made_by, content = read_generated(path, WHAT, FORMAT, model_sha256, COMMAND)
    try:
        found = TypeAdapter(CodecAccuracies).validate_python({**content, "made_by": made_by})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise StaleFileError(f"{path}: {where}: {first['msg']}; run `{COMMAND}`") from None
    names = {one.exit for one in found.exits}
    unknown = {one.exit for one in found.changes} - names
    outside = [one.accuracy for one in found.exits if not 0 <= one.accuracy <= 1]
    if unknown or outside:
        raise StaleFileError(
            f"{path}: changes of exits {sorted(unknown)} that it does not list, or accuracies {outside} "
            f"outside 0 to 1; run `{COMMAND}`"
        )
    return found
