"""The bytes of a model, capped before memory is taken: its ONNX file and the weights in files beside it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.errors import ModelError
from edgent.graph.locations import locations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_MODEL_BYTES = 2 * 1024**3 - 1  # of all files together: protobuf, and so ONNX, holds no more in one piece


@dataclass(frozen=True)
class ModelFile:
    """A model as it was read.

    Attributes:
        content: the ONNX file.
        external: the files that hold its external data, by the location that the ONNX file gives.
        sha256: in hexadecimal: of the ONNX file or, where there is external data, of all files together.
    """

    content: bytes
    external: Mapping[str, bytes]
    sha256: str

    @property
    def size_bytes(self) -> int:
        """What all the files have."""
        return len(self.content) + sum(map(len, self.external.values()))


def read_model_file(path: Path) -> ModelFile:
    """Read a model file, and the external data in its own folder.

    Raises:
        ModelError: missing, unreadable, larger than ``MAX_MODEL_BYTES``, or with data outside its folder.
    """
    content = _read(path, MAX_MODEL_BYTES, "check model.file in the spec, or --model of `edgent new`")
    digest = hashlib.sha256(content)
    external: dict[str, bytes] = {}
    left_bytes = MAX_MODEL_BYTES - len(content)
    for location in _locations(content):
        file = _inside(path, location)
        external[location] = _read(file, left_bytes, f"put it beside {path}, which keeps weights in it")
        left_bytes -= len(external[location])
        digest.update(f"\0{location}\0{hashlib.sha256(external[location]).hexdigest()}".encode())
    return ModelFile(content, external, digest.hexdigest())


def _locations(content: bytes) -> list[str]:
    """The files that a model's tensors lie in; none where it is no ONNX, which is found out later."""
    try:
        return sorted(locations(content))
    except ValueError:
        return []


def _inside(path: Path, location: str) -> Path:
    """The file at a location, if it lies in the model's own folder."""
    folder = path.parent.resolve()
    try:
        file = (folder / location).resolve()
    except (OSError, ValueError, RuntimeError) as error:  # a null character, a loop of links
        raise ModelError(
            f"{path} keeps weights in {location!r}, which is no file's name: {error}; export it again"
        ) from error
    if not file.is_relative_to(folder):
        raise ModelError(
            f"{path} keeps weights in {location!r}, outside its own folder, which is not followed; "
            "put them beside it, or export it with the weights inside "
            "(torch.onnx.export(..., external_data=False))"
        )
    return file


def _read(file: Path, limit_bytes: int, what_to_do: str) -> bytes:
    try:
        size_bytes = file.stat().st_size
        if size_bytes > limit_bytes:
            raise ModelError(
                f"{file} has {size_bytes:,} bytes, the limit is {limit_bytes:,} "
                f"({MAX_MODEL_BYTES:,} for all files of a model): use a smaller network"
            )
        if file.exists() and not file.is_file():
            raise ModelError(f"{file} is no file; {what_to_do}")
        return file.read_bytes()
    except (OSError, ValueError) as error:  # a path with a null character is a wrong value
        reason = error.strerror if isinstance(error, OSError) else error
        raise ModelError(f"cannot read the model {file}: {reason}; {what_to_do}") from error
