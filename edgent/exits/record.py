"""What made the exits of a network, and how well they answer: a file beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import ConfigDict, Field

from edgent.generated_file import STRICT, Provenance, Row, read_generated, write_generated

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
WHAT = "exits"
Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class PlaceRecord:
    """A candidate place.

    Attributes:
        place: ``p7`` stands behind the trunk's seventh layer, ``p8@128x128`` behind the eighth of the path
            that makes pictures of 128x128 pixels first; ``output`` is the network's own output.
        share: of the network's multiply-accumulates that lies before it.
        penalty: on the squared weights of the exit's layer.
        validation: accuracy on photos that were set apart to choose by.
    """

    place: str
    share: Share
    penalty: float
    validation: Share


@dataclass(frozen=True)
class ExitRecord:
    """An exit that was attached.

    Attributes:
        exit: its name.
        place, share: see `PlaceRecord`.
        held_out: share of the held-out photos on which it is right or, without labels, agrees with the
            network.
    """

    exit: str
    place: str
    share: Share
    held_out: Share


@dataclass(frozen=True)
class ExitsRecord:
    """How a network came by its exits.

    Attributes:
        made_by: what made them; its digest is that of the network with exits.
        trunk_sha256: digest of the network that they were attached to.
        taught_by: ``labels``, or ``answers of the network``.
        keeps_classifier: the deepest exit is the network's own output.
        photos, held_out: number of photos trained on and measured with.
        seed: of all random choices.
        places: the candidates, shallow to deep.
        exits: the attached ones, shallow to deep.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    made_by: Provenance
    trunk_sha256: str
    taught_by: str
    keeps_classifier: bool
    photos: Annotated[int, Field(ge=1)]
    held_out: Annotated[int, Field(ge=1)]
    seed: int
    places: tuple[PlaceRecord, ...]
    exits: tuple[ExitRecord, ...]

    def write(self, path: Path) -> None:
        """Write it as YAML.

        Raises:
            StaleFileError: it cannot be written.
        """
        content = asdict(self)
        del content["made_by"]
        content["places"] = [Row(place) for place in content["places"]]
        content["exits"] = [Row(exit_) for exit_ in content["exits"]]
        write_generated(path, WHAT, FORMAT, self.made_by, content)


def read_record(path: Path, model_sha256: str) -> ExitsRecord:
    """The record of this very model.

    Raises:
        StaleFileError: missing, malformed, of another format, or made for another model.
    """
    return read_generated(path, WHAT, FORMAT, model_sha256, "edgent exits SPEC", ExitsRecord)
