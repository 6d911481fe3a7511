"""Records of feature codecs on disk."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edgent.errors import StaleFileError
from edgent.generated_file import Provenance
from edgent.graph.feature_record import (
    CodecTrainingRecord,
    ExitScore,
    FeatureCodecRecord,
    codec_files,
    read_feature_record,
)

if TYPE_CHECKING:
    from pathlib import Path

MODEL, OTHER = "a" * 64, "b" * 64


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


RECORD = FeatureCodecRecord(
    made_by=Provenance(MODEL, "edgent compress tiny.yaml", "2026-01-01", {}, {}),
    name="p04-8ch",
    exit="exit2",
    start=0,
    stop=4,
    reads="image",
    gives="relu_4",
    direction="up",
    encoder_sha256=_digest(b"encoder"),
    decoder_sha256=_digest(b"decoder"),
    code_shape=(8, 7, 7),
    levels=9,
    bytes_mean=120.5,
    bytes_p95=140.0,
    held_out=12,
    measure="accuracy",
    exits=(ExitScore("exit1", 0.8, 0.7), ExitScore("exit2", 0.9, 0.85)),
    encoder_macs=1000,
    decoder_macs=2000,
    replaced_macs=3000,
    network_macs=9000,
    training=CodecTrainingRecord(100, _digest(b"samples"), 8, True, "", 3.5, 60.1, 0, 150, 2, "cpu"),
)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A record."""
    path = tmp_path / "p04-8ch.yaml"
    RECORD.write(path)
    return path


def test_it_is_read_back(written: Path) -> None:
    """As it was written; its files lie beside it."""
    assert read_feature_record(written, MODEL) == RECORD
    names = [file.name for file in codec_files(written)]
    assert names == ["p04-8ch.encoder.onnx", "p04-8ch.decoder.onnx"]


def test_one_of_another_network_is_refused(written: Path) -> None:
    """By the network's digest."""
    with pytest.raises(
        StaleFileError, match=r"was made for a model with sha256 a+…, this one has b+…; run `edgent c"
    ):
        read_feature_record(written, OTHER)


def test_a_record_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    """The place and the value are named."""
    replace(RECORD, levels=300).write(tmp_path / "odd.yaml")
    with pytest.raises(StaleFileError, match="levels"):
        read_feature_record(tmp_path / "odd.yaml", MODEL)
