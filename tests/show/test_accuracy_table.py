"""Accuracies of codecs as a table and as a picture."""

import numpy as np
import pytest
from rich.console import Console

from edgent.accuracy.codec_accuracy import AccuracyChange, CodecAccuracies, CodecSize, ExitAccuracy
from edgent.generated_file import Provenance
from edgent.show.accuracy_table import accuracy_table

ACCURACIES = CodecAccuracies(
    Provenance("0" * 64, "edgent evaluate SPEC", "", {}, {}),
    100,
    100,
    (ExitAccuracy("exit1", 0.8), ExitAccuracy("exit2", 0.9)),
    (
        AccuracyChange("exit1", 0, "avif20@0.7", "float32", -0.1, 0.01),
        AccuracyChange("exit2", 0, "avif20@0.7", "float32", -0.05, 0.01),
        AccuracyChange("exit1", 1, "raw", "uint8", -0.02, 0.01),
        AccuracyChange("exit2", 1, "raw", "uint8", -0.01, 0.01),
        AccuracyChange("exit2", 2, "raw", "uint8", -0.03, 0.01),
    ),
    input_codecs=("raw", "avif20@0.7"),
    sizes=(
        CodecSize("exit2", 0, "raw", 3112.0, 3112.0),
        CodecSize("exit2", 0, "avif20@0.7", 955.4, 1500.2),
        CodecSize("exit2", 1, "uint8", 500.0, 600.0),
        CodecSize("exit2", 2, "uint8", 200.0, 220.0),
    ),
)


def test_a_row_for_each_codec(capsys: pytest.CaptureFixture[str]) -> None:
    """Its bytes, and every exit behind it; an activation codec at the cut where it costs most."""
    Console(width=120).print(accuracy_table(ACCURACIES))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[-4:-1]] == [
        ["lossless", "0.800", "0.900"],
        ["avif20@0.7", "input", "955", "1,500", "0.700", "0.850"],
        ["uint8", "cut", "0.780", "0.870"],
    ]


def test_the_picture_has_every_codec() -> None:
    """Input codecs by name, activation codecs at each cut, and each exit with a line of its own."""
    pytest.importorskip("matplotlib")
    from edgent.show.rate_accuracy_figure import rate_accuracy_figure  # noqa: PLC0415  needs matplotlib

    left, right = rate_accuracy_figure(ACCURACIES).axes
    assert {text.get_text() for text in left.texts} == {"raw", "avif20@0.7"}
    (crosses,) = [
        line for line in left.lines if line.get_label() == "uint8 activations, a point for each cut"
    ]
    assert np.asarray(crosses.get_xdata()).tolist() == [500.0, 200.0]
    assert np.asarray(crosses.get_ydata()).tolist() == pytest.approx([0.89, 0.87])
    assert [line.get_label() for line in right.lines] == ["exit1", "exit2"]
    assert np.asarray(right.lines[1].get_ydata()).tolist() == pytest.approx([0.85, 0.9])
