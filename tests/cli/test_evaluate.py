"""``edgent evaluate``: accuracies of exits into the spec, of codecs beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.accuracy.codec_accuracy import read_accuracies
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_fixtures import Run


def test_accuracies_are_written_where_the_spec_says(edgent: Run, lenet: Path) -> None:
    """Those of the exits into it, those of the codecs into a file that it names from then on."""
    text = lenet.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "codec_accuracy" not in line]
    lenet.write_text("\n".join(kept).replace("accuracy: 0.9", "accuracy: 0.1"), encoding="utf-8")
    (lenet.parent / "lenet" / "codec_accuracy.yaml").unlink()
    done = edgent("evaluate", lenet, "--budget-s", 0.1)
    assert done.code == 0, done.errors
    spec = read_spec(lenet)
    assert spec.codecs.accuracy == "lenet/codec_accuracy.yaml"
    found = read_accuracies(spec.resolve(spec.codecs.accuracy), Network.open(spec).graph.sha256)
    for exit_, measured in zip(spec.exits, found.exits, strict=True):
        assert exit_.accuracy == round(measured.accuracy, 4)
        assert measured.accuracy > 0.9
        assert f"{measured.accuracy:.4f}" in done.output
    assert ("raw", "uint8") in found.by_exit["exit2"]


def test_without_data_there_is_nothing_to_evaluate(edgent: Run, profiled: Path) -> None:
    """The message says what to write instead."""
    done = edgent("evaluate", profiled)
    assert (done.code, done.output) == (2, "")
    assert "no training.dataset" in done.errors
