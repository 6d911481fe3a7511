"""A feature codec on disk: encoder, decoder, and the record of what made them and what they are worth."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from edgent.errors import StaleFileError
from edgent.generated_file import STRICT, Provenance, Row, read_generated, write_generated

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
WHAT = "feature codec"
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Side = Annotated[int, Field(ge=1)]


@dataclass(frozen=True)
class ExitScore:
    """How well an exit behind a feature codec answers on held-out data.

    Attributes:
        exit: its name.
        without: mean score of the network as it is.
        with_codec: mean score behind the codec.
    """

    exit: str
    without: Share
    with_codec: Share


@dataclass(frozen=True)
class CodecTrainingRecord:
    """What a codec was trained on, and how long.

    Attributes:
        samples, samples_sha256: number and digest of the samples trained on, labels included.
        views: of each sample: mirrored, cut closer.
        through_tail: whether the answers behind the codec taught it; else the activations alone.
        why_not: the operator that stood against that; empty where none did.
        epochs: passes over the samples.
        duration_s: seconds.
        seed: of all random choices.
        target_bytes: what a code was to take.
        threads, processor: number of threads, and ``cpu`` or ``cuda``.
    """

    samples: Side
    samples_sha256: Digest
    views: Side
    through_tail: bool
    why_not: str
    epochs: float
    duration_s: float
    seed: int
    target_bytes: Side
    threads: Side
    processor: str


@dataclass(frozen=True)
class FeatureCodecRecord:
    """What a feature codec is.

    Attributes:
        made_by: what made it; its digest is the network's.
        name: of the codec; its code is the tensor ``name.code``.
        exit: the deepest exit behind it.
        start, stop: partition points of that exit's path: the encoder reads at one, the decoder gives at the
            other; layers between them are replaced.
        reads, gives: names of the tensors there.
        direction: ``up`` from the device to the edge, or ``down``.
        encoder_sha256, decoder_sha256: digests of the two ONNX files.
        code_shape: channels, height and width of the code, which is uint8.
        levels: values that an element of it has: 0 .. levels - 1.
        bytes_mean, bytes_p95: size of the frame of a held-out sample: mean and 95th percentile.
        held_out: number of held-out samples.
        measure: what the scores are.
        exits: every exit behind the codec, shallow to deep.
        encoder_macs, decoder_macs: multiply-accumulates of a sample.
        replaced_macs: of the layers that are replaced.
        network_macs: of the whole path to the deepest exit behind the codec.
        training: what it was trained on.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    made_by: Provenance
    name: str
    exit: str
    start: Count
    stop: Count
    reads: str
    gives: str
    direction: Literal["up", "down"]
    encoder_sha256: Digest
    decoder_sha256: Digest
    code_shape: tuple[Side, Side, Side]
    levels: Annotated[int, Field(ge=2, le=256)]
    bytes_mean: Annotated[float, Field(gt=0)]
    bytes_p95: Annotated[float, Field(gt=0)]
    held_out: Side
    measure: str
    exits: tuple[ExitScore, ...]
    encoder_macs: Count
    decoder_macs: Count
    replaced_macs: Count
    network_macs: Count
    training: CodecTrainingRecord

    def write(self, path: Path) -> None:
        """Write it as YAML.

        Raises:
            StaleFileError: it cannot be written.
        """
        content = asdict(self)
        del content["made_by"]
        content["code_shape"] = list(self.code_shape)
        content["exits"] = [Row(exit_) for exit_ in content["exits"]]
        write_generated(path, WHAT, FORMAT, self.made_by, content)


@dataclass(frozen=True)
class FeatureCodec:
    """A feature codec whose files are those of its record.

    Attributes:
        record: what it is.
        encoder, decoder: its ONNX files.
    """

    record: FeatureCodecRecord
    encoder: Path
    decoder: Path


def codec_files(record: Path) -> tuple[Path, Path]:
    """Where encoder and decoder of a record lie: beside it."""
    return record.with_suffix(".encoder.onnx"), record.with_suffix(".decoder.onnx")


def read_feature_codec(record: Path, model_sha256: str) -> FeatureCodec:
    """A feature codec of this very network, whole and unchanged.

    Args:
        record: its YAML file.
        model_sha256: digest of the network.

    Raises:
        StaleFileError: a file is missing or malformed, made for another network, or of another training than
            the record.
    """
    remedy = "edgent compress SPEC --at EXIT:pN"
    read = read_generated(record, WHAT, FORMAT, model_sha256, remedy, FeatureCodecRecord)
    encoder, decoder = codec_files(record)
    for file, recorded in ((encoder, read.encoder_sha256), (decoder, read.decoder_sha256)):
        try:
            found = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            raise StaleFileError(f"cannot read {file}: {error.strerror}; run `{remedy}`") from None
        if found != recorded:
            raise StaleFileError(
                f"{file} has sha256 {found[:16]}…, {record} says {recorded[:16]}…: they are of different "
                f"trainings; restore both, or run `{remedy}`"
            )
    return FeatureCodec(read, encoder, decoder)
