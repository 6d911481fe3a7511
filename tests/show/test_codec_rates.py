"""Bytes and accuracies of codecs as tables and as a picture."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rich.console import Console

from edgent.accuracy.codec_accuracy import CodecAccuracies, ExitAccuracy
from edgent.accuracy.codec_rates import CodecRate
from edgent.generated_file import Provenance
from edgent.show.codec_rate_table import beside_pictures_table, codec_rate_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EXITS = (ExitAccuracy("exit1", 0.8), ExitAccuracy("exit2", 0.9))
ACCURACIES = CodecAccuracies(Provenance("0" * 64, "", "", {}, {}), 100, 100, EXITS, ())
RATES = [
    CodecRate("tiny", "student", 0, 2, 150.0, 160.0, {"exit2": 0.71}),
    CodecRate("avif20@0.5", "input", 0, 0, 400.0, 450.0, {"exit1": 0.6, "exit2": 0.75}),
    CodecRate("avif10", "input", 0, 0, 500.0, 550.0, {"exit1": 0.6, "exit2": 0.7}),
    CodecRate("late", "feature codec", 2, 2, 600.0, 610.0, {"exit1": 0.7, "exit2": 0.85}),
    CodecRate("uint8", "activation", 1, 1, 700.0, 700.0, {"exit1": 0.78, "exit2": 0.88}),
    CodecRate("jpeg", "input", 0, 0, 955.4, 1500.2, {"exit1": 0.7, "exit2": 0.86}),
    CodecRate("raw", "input", 0, 0, 3112.0, 3112.0, {"exit1": 0.8, "exit2": 0.9}),
]


def test_a_row_for_each_codec(capsys: pytest.CaptureFixture[str]) -> None:
    """Where it stands, its bytes, and every exit behind it."""
    Console(width=120).print(codec_rate_table(RATES, ACCURACIES))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[3:-1]]
    assert lines[0] == ["lossless", "0.800", "0.900"]
    assert lines[1] == ["tiny", "p0", "to", "p2", "150", "160", "0.710"]
    assert lines[6] == ["jpeg", "input", "955", "1,500", "0.700", "0.860"]
    assert [line[0] for line in lines[1:]] == [rate.codec for rate in RATES]


def test_feature_codecs_beside_pictures_as_small(capsys: pytest.CaptureFixture[str]) -> None:
    """The best rung that is no larger, the smallest where none is, or that the pipeline offers none."""
    Console(width=120).print(beside_pictures_table(RATES, "exit2"))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()[3:-1]]
    assert lines == [
        "tiny 150 0.710 none; jpeg, 955: 0.860 none offered none; avif20@0.5, 400: 0.750",
        "late 600 0.850 none; jpeg, 955: 0.860 none offered avif20@0.5, 400: 0.750",
    ]


def _are_apart(figure: Figure) -> bool:
    """Whether no label of a figure lies on another, the lines to their points aside."""
    from matplotlib.text import Text  # noqa: PLC0415  needs matplotlib

    figure.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in figure.axes[0].texts]
    return not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))


def test_the_picture_has_every_codec() -> None:
    """A marker for each kind, the best as a line, and names that lie on no other."""
    pytest.importorskip("matplotlib")
    from edgent.show.rate_accuracy_figure import rate_accuracy_figure  # noqa: PLC0415  needs matplotlib

    figure = rate_accuracy_figure(RATES, ACCURACIES)
    (axes,) = figure.axes
    drawn = {line.get_label(): np.asarray(line.get_xdata()).tolist() for line in axes.lines}
    assert drawn["input codecs"] == [400.0, 500.0, 955.4, 3112.0]
    assert drawn["feature codecs"] == [600.0]
    assert drawn["feature codecs that read the input"] == [150.0]
    assert drawn["best as small"] == [150.0, 400.0, 600.0, 700.0, 3112.0]
    assert {text.get_text() for text in axes.texts} == {
        "uint8 at p1" if rate.codec == "uint8" else rate.codec for rate in RATES
    }
    assert _are_apart(figure)


def test_crowded_labels_part() -> None:
    """Twelve names of one point have places of their own."""
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure  # noqa: PLC0415

    from edgent.show.label_places import place_labels  # noqa: PLC0415  needs matplotlib

    figure = Figure(figsize=(6, 6))
    axes = figure.subplots()
    axes.set(xlim=(0, 2), ylim=(0, 2))
    place_labels(figure, axes, [((1.0, 1.0), f"name {k}") for k in range(12)], [(1.0, 1.0)])
    assert len(axes.texts) == 12
    assert _are_apart(figure)
