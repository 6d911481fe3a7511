"""Tables of measurements in narrow terminals: columns are missing whole, and no number is cut."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from edgent.accuracy.codec_accuracy import CodecAccuracies, ExitAccuracy
from edgent.accuracy.codec_rates import CodecRate
from edgent.fitted_table import print_fitted
from edgent.generated_file import Provenance
from edgent.show.codec_rate_table import (
    beside_pictures_table,
    codec_rate_table,
    least_beside_pictures,
    least_of_rates,
)

EXITS = tuple(ExitAccuracy(f"exit{number}", 0.8 + number / 100) for number in range(1, 7))
ACCURACIES = CodecAccuracies(Provenance("0" * 64, "", "", {}, {}), 100, 100, EXITS, ())
REACHED = {exit_.exit: exit_.accuracy for exit_ in EXITS}
RATES = [
    CodecRate("p0-p24-c32-1500", "student", 0, 24, 1_512.0, 1_604.0, REACHED),
    CodecRate("webp40@0.5", "input", 0, 0, 12_345.0, 23_456.0, REACHED),
    CodecRate("jpeg60", "input", 0, 0, 1_234_567.0, 2_345_678.0, REACHED),
]


def _console(width: int) -> Console:
    return Console(width=width, file=io.StringIO(), record=True)


@pytest.mark.parametrize(("width", "missing"), [(120, []), (80, ["(95 %)"]), (60, ["(95 %)", "exit1"])])
def test_shallow_exits_go_first(width: int, missing: list[str]) -> None:
    """The deepest one's accuracies and the bytes stay."""
    console = _console(width)
    print_fitted(codec_rate_table(RATES, ACCURACIES), console, least_of_rates(ACCURACIES))
    text = console.export_text()
    assert "1,234,567" in text
    assert text.count("0.860") == 4
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    heading = text.splitlines()[1]
    assert [name for name in missing if name in heading] == []
    assert all(name in text.partition("Left out")[2] for name in missing)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_pictures_beside_feature_codecs(width: int) -> None:
    """One format at least; the others are named."""
    console = _console(width)
    print_fitted(beside_pictures_table(RATES, "exit6"), console, least_beside_pictures())
    text = console.export_text()
    assert "none; jpeg60, 1,234,567: 0.860" in text
    assert ("Left out" in text) == (width < 200)
    assert "…" not in text
