"""A feature codec: a learned pair for one crossing, an encoder on the sending side, a decoder on the other.

It may jump: the encoder reads the tensor at one cut, the decoder gives the one at a later cut, and the layers
between are replaced.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edgent.errors import PlanError, StaleFileError
from edgent.graph.feature_record import REMEDY, codec_files, read_feature_record
from edgent.graph.tensor import Tensor

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.exit_path import ExitPath
    from edgent.graph.feature_record import Direction, FeatureCodecRecord

CODE_CODEC = "huffman"
"""The codec in which every code is written on the wire."""


@dataclass(frozen=True)
class FeatureCodec:
    """A feature codec of a network, whose files are what its record says.

    Attributes:
        record: what it is, and what made it.
        encoder, decoder: their ONNX files.
        reads, gives: what the encoder reads and what the decoder gives, tensors of the network.
        code: what crosses. Its name holds the digests of both files, so that windows which begin or end
            with a code of another training have another identity.
    """

    record: FeatureCodecRecord
    encoder: Path
    decoder: Path
    reads: Tensor
    gives: Tensor
    code: Tensor

    @property
    def name(self) -> str:
        """In specs and plans."""
        return self.record.name

    @property
    def direction(self) -> Direction:
        """Which way its codes travel."""
        return self.record.direction

    @property
    def sent_by(self) -> Literal["device", "edge"]:
        """The node that runs its encoder; the other one runs its decoder."""
        return "device" if self.direction == "up" else "edge"

    @property
    def device_files(self) -> tuple[Path, ...]:
        """What a device needs of the two files.

        It encodes what goes up. It decodes what comes down, and times that on codes which it makes itself.
        """
        return (self.encoder,) if self.direction == "up" else (self.encoder, self.decoder)

    def points(self, path: ExitPath) -> tuple[int, int] | None:
        """The partition points at which it reads and gives; None where a path has no use for it.

        A path has layers behind the codec, and for one that goes down layers before it.
        """
        names = [path.cut_tensor(point) for point in path.partition_points]
        if self.reads.name not in names or self.gives.name not in names[1:-1]:
            return None
        reads, gives = names.index(self.reads.name), names.index(self.gives.name)
        return (reads, gives) if (0 if self.direction == "up" else 1) <= reads <= gives else None


def read_feature_codec(file: Path, graph: BranchyGraph, *, on_device: bool = False) -> FeatureCodec:
    """The feature codec that a record describes; its files lie beside it.

    Args:
        file: the record.
        graph: the network that the codec is of.
        on_device: whether only what a device needs has to lie there.

    Raises:
        StaleFileError: the record is missing or malformed or of another network, or a file is missing or
            another one than the record says.
        PlanError: no path of the network has its cuts.
    """
    record = read_feature_record(file, graph.sha256)
    encoder, decoder = codec_files(file)
    tensors = {
        path.cut_tensor(point): path.cut(point) for path in graph.paths for point in path.partition_points
    }
    for end in (record.reads, record.gives):
        if end not in tensors:
            raise PlanError(
                f"{file}: no path of {graph.path} has a cut at tensor {end!r}; run `{REMEDY}` again"
            )
    digest = hashlib.sha256(f"{record.encoder_sha256}{record.decoder_sha256}".encode()).hexdigest()[:16]
    code = Tensor(f"{record.name}.code.{digest}", record.code_shape, "uint8")
    codec = FeatureCodec(record, encoder, decoder, tensors[record.reads], tensors[record.gives], code)
    if all(codec.points(path) is None for path in graph.paths):
        raise PlanError(
            f"{file}: no path of {graph.path} has a cut at {record.reads!r}, one at {record.gives!r} behind "
            f"it, and layers to follow; run `{REMEDY}` again"
        )
    _check_record(codec, graph, file)
    digests = {encoder: record.encoder_sha256, decoder: record.decoder_sha256}
    for needed in codec.device_files if on_device else digests:
        _check(needed, digests[needed], file)
    return codec


def _check_record(codec: FeatureCodec, graph: BranchyGraph, file: Path) -> None:
    """Refuse a record that tells another place than its tensors have."""
    record = codec.record
    points = codec.points(graph.path_of(record.exit)) if record.exit in graph.exit_names else None
    if (record.start, record.stop) != points:
        raise StaleFileError(
            f"{file}: start {record.start} and stop {record.stop} of {record.exit} are not where the network "
            f"has {record.reads!r} and {record.gives!r}; restore the file, or run `{REMEDY}` again"
        )


def _check(file: Path, sha256: str, record: Path) -> None:
    """Refuse a file that is another one than the record says."""
    try:
        found = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise StaleFileError(f"cannot read {file}: {error.strerror}; run `{REMEDY}` again") from None
    if found != sha256:
        raise StaleFileError(
            f"{file} has sha256 {found[:16]}…, {record} says {sha256[:16]}…: they are of different "
            f"trainings; restore both, or run `{REMEDY}` again"
        )
