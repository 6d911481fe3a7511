"""Feature codecs of little use: said, and not put in the place of better ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.compression.weak_codec import better_one_there, weaknesses
from edgent.generated_file import Provenance
from edgent.graph.feature_record import CodecTrainingRecord, ExitScore, FeatureCodecRecord

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "0" * 64


def _record(with_codec: float, epochs: float = 20.0) -> FeatureCodecRecord:
    """Of a codec behind which the deepest exit keeps so much of 0.9."""
    return FeatureCodecRecord(
        made_by=Provenance.here_and_now(DIGEST, "edgent compress tiny.yaml --at exit2:p4"),
        name="p04-3ch",
        exit="exit2",
        start=4,
        stop=4,
        reads="a",
        gives="a",
        direction="up",
        encoder_sha256=DIGEST,
        decoder_sha256=DIGEST,
        code_shape=(3, 4, 4),
        levels=16,
        bytes_mean=90.0,
        bytes_p95=95.0,
        held_out=100,
        measure="accuracy",
        exits=(ExitScore("exit2", 0.9, with_codec),),
        encoder_macs=10,
        decoder_macs=10,
        replaced_macs=0,
        network_macs=1000,
        training=CodecTrainingRecord(
            samples=2000,
            samples_sha256=DIGEST,
            views=1,
            through_tail=True,
            why_not="",
            epochs=epochs,
            duration_s=60.0,
            seed=0,
            target_bytes=90,
            threads=2,
            processor="cpu",
        ),
    )


def test_a_good_codec_needs_no_word() -> None:
    """Nor one that loses a little."""
    assert list(weaknesses(_record(0.85))) == []


def test_less_than_an_epoch_is_said() -> None:
    """With how much it saw, and what to do."""
    (said,) = weaknesses(_record(0.85, epochs=0.1))
    assert said.startswith("p04-3ch saw 10% of its 2,000 samples in 60 s, not even one epoch: go on with")


def test_far_less_accuracy_is_said() -> None:
    """By the deepest exit."""
    (said,) = weaknesses(_record(0.3))
    assert said.startswith("p04-3ch costs exit2 0.60 of its accuracy of 0.90: ")


def test_a_better_one_is_kept(tmp_path: Path) -> None:
    """Not a worse one, nor one that cannot be read."""
    path = tmp_path / "p04-3ch.yaml"
    assert better_one_there(path, _record(0.3)) is None
    _record(0.8).write(path)
    kept = better_one_there(path, _record(0.3))
    assert (
        kept
        == f"{path} stays as it is: exit2 reaches 0.8000 with it, and would reach 0.3000 with the new one"
    )
    assert better_one_there(path, _record(0.8)) is None
    path.write_text("nothing")
    assert better_one_there(path, _record(0.3)) is None
