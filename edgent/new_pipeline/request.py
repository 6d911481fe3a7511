"""What a user asks `edgent new` for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.errors import SpecError
from edgent.spec.schema import NAME_PATTERN

if TYPE_CHECKING:
    from pathlib import Path

AUTO, NONE = "auto", "none"


@dataclass(frozen=True)
class Request:
    """A new pipeline as it was asked for.

    Attributes:
        name: of the pipeline.
        folder: gets the spec, and a folder of this name with everything else.
        model: the network's ONNX file.
        photos: folder of photos; None where there are none.
        labels: file with the names of the network's classes; None where there is none.
        exits: number of exits at most.
        pixels: name of a normalisation, ``auto`` to find it out, ``none`` to leave the input as it is.
        seed: all random choices follow from it.
    """

    name: str
    folder: Path
    model: Path
    photos: Path | None
    labels: Path | None
    exits: int
    pixels: str
    seed: int

    @property
    def spec(self) -> Path:
        """The spec's file."""
        return self.folder / f"{self.name}.yaml"

    def check_is_new(self) -> None:
        """Refuse a name that is none, and one that something has already.

        Raises:
            SpecError: there is such a file or folder.
        """
        if re.fullmatch(NAME_PATTERN, self.name) is None:
            raise SpecError(
                f"{self.name!r} is no name of a pipeline: begin with a letter and go on with letters, "
                "digits, _ and -"
            )
        for path in (self.spec, self.spec.with_suffix("")):
            if path.exists():
                raise SpecError(
                    f"{path} exists and is not overwritten: go on with --resume, remove it first, or choose "
                    "another name or --out"
                )
