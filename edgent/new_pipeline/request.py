"""What a user asks `edgent new` for, kept until the pipeline is complete."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from edgent.errors import SpecError
from edgent.spec.schema import LONGEST_NAME, NAME_PATTERN

AUTO, NONE = "auto", "none"
_KEPT = "unfinished.yaml"


@dataclass(frozen=True)
class Request:
    """A new pipeline as it was asked for.

    Attributes:
        name: of the pipeline.
        folder: gets the spec, and a folder of this name with everything else.
        model: the network's ONNX file.
        photos: folder of photos; None where there are none.
        labels: file with the names of the network's classes; None where there is none.
        outputs: those of the network's outputs that are exits; all when empty.
        exits: number of exits at most.
        pixels: name of a normalisation, ``auto`` to find it out, ``none`` to leave the input as it is.
        seed: all random choices follow from it.
        budget_s: seconds of each measurement.
    """

    name: str
    folder: Path
    model: Path
    photos: Path | None
    labels: Path | None
    outputs: tuple[str, ...]
    exits: int
    pixels: str
    seed: int
    budget_s: float

    @property
    def spec(self) -> Path:
        """The spec's file."""
        return self.folder / f"{self.name}.yaml"

    @property
    def files(self) -> Path:
        """The folder of everything else."""
        return self.folder / self.name

    def check_is_new(self) -> None:
        """Refuse a name that is none, and one that something has already.

        Raises:
            SpecError: there is such a file or folder.
        """
        _check_name(self.name)
        for path in (self.spec, self.files):
            if path.exists():
                raise SpecError(
                    f"{path} exists and is not overwritten: remove it, or choose another name or --out; "
                    "an interrupted run goes on with --resume"
                )

    def keep(self) -> None:
        """Make the folder, and write the request into it.

        Raises:
            SpecError: the folder cannot be written.
        """
        plain = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(self).items()}
        plain["outputs"] = list(self.outputs)
        try:
            self.files.mkdir(parents=True)
            (self.files / _KEPT).write_text(yaml.safe_dump(plain, sort_keys=False), encoding="utf-8")
        except OSError as error:
            raise SpecError(f"cannot write {error.filename or self.files}: {error.strerror}") from None

    def complete(self) -> None:
        """Forget the request: there is nothing to go on with."""
        (self.files / _KEPT).unlink(missing_ok=True)


def kept_request(name: str, folder: Path) -> Request:
    """The request of an interrupted run.

    Raises:
        SpecError: there is none, or it cannot be read.
    """
    _check_name(name)
    file = folder / name / _KEPT
    if not file.exists():
        raise SpecError(f"{folder / name}: no interrupted run of `edgent new` is there; leave --resume out")
    try:
        return TypeAdapter(Request).validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError, ValidationError) as error:
        raise SpecError(f"{file}: cannot be read: {error}; remove {folder / name} and begin anew") from None


def _check_name(name: str) -> None:
    if re.fullmatch(NAME_PATTERN, name) is None or len(name) > LONGEST_NAME:
        near = re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:LONGEST_NAME]
        such_as = f", such as {near}" if re.fullmatch(NAME_PATTERN, near) else ""
        raise SpecError(
            f"{name[:80]!r} is no name of a pipeline: begin with a letter and go on with letters, digits, _ "
            f"and -, {LONGEST_NAME} at most{such_as}"
        )
