"""``edgent compress``: feature codecs beside the network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from edgent.graph.feature_codec import read_feature_codec
from edgent.network import Network
from edgent.spec import read_spec
from tests.compression.conftest import write_spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run

pytest.importorskip("torch")
QUICK = ("--minutes", 0.01, "--threads", 1)


def test_a_codec_is_trained_and_written(edgent: Run, tmp_path: Path) -> None:
    """Beside the network, with what it takes and costs; --resume finds it done and measures it again."""
    spec = write_spec(tmp_path)
    before = spec.read_bytes()
    done = edgent("compress", spec, "--at", "exit2:p4", "--channels", 3, "--bytes", 90, *QUICK)
    assert done.code == 0, done.errors
    record = tmp_path / "tiny" / "features" / "p04-3ch.yaml"
    graph = Network.open(read_spec(spec)).graph
    codec = read_feature_codec(record, graph).record
    assert codec.training.target_bytes == 90
    assert codec.made_by.command == (
        "edgent compress tiny.yaml --at exit2:p4 --bytes 90 --channels 3 --name p04-3ch "
        "--minutes 0.01 --seed 0"
    )
    assert f"{codec.bytes_mean:.0f}" in done.output
    assert f"{codec.exits[0].with_codec:.4f}" in done.output
    assert "training on 30 samples" in done.output
    assert spec.read_bytes() == before
    unasked = edgent("compress", spec, "--at", "exit2:p4", "--channels", 3, *QUICK)
    assert unasked.code == 2
    assert "p04-3ch.yaml is there already: --replace trains it anew" in " ".join(unasked.errors.split())
    again = edgent("compress", spec, "--at", "exit2:p4", "--channels", 3, "--bytes", 90, "--resume", *QUICK)
    assert again.code == 0, again.errors
    assert read_feature_codec(record, graph).record.exits == codec.exits


def test_a_weak_codec_does_not_replace_a_better_one(
    edgent: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said why, and the files stay as they are."""
    spec, words = write_spec(tmp_path), ("--at", "exit2:p4", "--channels", 3, *QUICK)
    assert edgent("compress", spec, *words).code == 0
    record = tmp_path / "tiny" / "features" / "p04-3ch.yaml"
    better = re.sub(r"with_codec: [0-9.]+", "with_codec: 1.0", record.read_text(encoding="utf-8"))
    record.write_text(better, encoding="utf-8")
    files = {file: file.read_bytes() for file in record.parent.iterdir()}
    monkeypatch.setattr("edgent.compression.weak_codec._FEWEST_EPOCHS", 1e9)
    done = edgent("compress", spec, *words, "--replace")
    assert done.code == 1, done.errors
    assert "not even one epoch" in done.output
    assert f"{record} stays as it is: exit2 reaches 1.0000 with it" in done.output
    assert {file: file.read_bytes() for file in record.parent.iterdir()} == files


def test_auto_keeps_the_front(edgent: Run, tmp_path: Path) -> None:
    """All that were tried are in the table; only those that none beats are written."""
    spec = write_spec(tmp_path)
    done = edgent("compress", spec, "--auto", *QUICK)
    assert done.code == 0, done.errors
    written = sorted((tmp_path / "tiny" / "features").glob("*.yaml"))
    assert written
    assert len(written) + done.output.count("beaten") >= 2
    assert all(file.stem in done.output for file in written)
    assert any(file.stem.startswith("p00-") for file in written) or "beaten" in done.output


def test_an_interrupted_one_goes_on(edgent: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checkpoint is named, and --resume starts from it."""
    from edgent.compression.codec_training import CodecTraining  # noqa: PLC0415  imports torch

    def interrupted(training: CodecTraining, *_told: object) -> None:
        training.save()
        raise KeyboardInterrupt

    spec = write_spec(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(CodecTraining, "run", interrupted)
        done = edgent("compress", spec, "--at", "exit2:p4", *QUICK)
    assert done.code == 130
    assert "p04-16ch.safetensors is kept: the same command with --resume goes on" in " ".join(
        done.output.split()
    )
    assert not (tmp_path / "tiny" / "features").exists()
    assert edgent("compress", spec, "--at", "exit2:p4", "--resume", *QUICK).code == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "name a place with --at"),
        (("--auto", "--at", "exit2:p4"), "one of both"),
        (("--at", "exit2:p99"), "no partition point 99"),
        (("--at", "exit2:p4", "--resume"), "cannot resume from"),
        (("--at", "exit2:p4", "--name", "jpeg30"), "another codec of that name"),
        (("--auto", "--name", "mine"), "leave --name out"),
        (("--at", "exit2:p4", "--from", "p0", "--down"), "give --from p1 or later"),
    ],
)
def test_mistakes_end_in_a_sentence(
    edgent: Run, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    """That says what to do."""
    done = edgent("compress", write_spec(tmp_path), *options, *QUICK)
    assert done.code == 2
    assert message in done.errors


def test_a_spec_without_data(edgent: Run, tmp_path: Path) -> None:
    """It is said what to write."""
    spec = write_spec(tmp_path)
    lines = [line for line in spec.read_text(encoding="utf-8").splitlines() if not line.startswith("data:")]
    spec.write_text("\n".join(lines), encoding="utf-8")
    done = edgent("compress", spec, "--at", "exit2:p4", *QUICK)
    assert done.code == 2
    assert "names no data.train" in done.errors
