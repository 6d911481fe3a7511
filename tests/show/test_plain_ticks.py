"""Numbers at logarithmic axes."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from edgent.show.plain_ticks import plain, plain_log_ticks


@pytest.mark.parametrize(
    ("span", "labels"),
    [((1, 1e6), {"1", "1,000", "1,000,000"}), ((2e3, 5e4), {"10,000"}), ((200.0, 700.0), {"300", "400"})],
)
def test_numbers_are_written_out(span: tuple[float, float], labels: set[str]) -> None:
    """Between decades, too, where an axis has few of them; no power, no exponent."""
    figure = Figure(figsize=(9, 3))
    axes = figure.subplots()
    axes.plot(span, [0, 1])
    axes.set_xscale("log")
    plain_log_ticks(axes.xaxis)
    figure.draw_without_rendering()
    ticks = [*axes.xaxis.get_ticklabels(), *axes.xaxis.get_ticklabels(minor=True)]
    shown = {label.get_text() for label in ticks} - {""}
    assert labels <= shown
    assert not any(sign in text for text in shown for sign in "^e$")
    assert np.isfinite([float(text.replace(",", "")) for text in shown]).all()


def test_a_number() -> None:
    """Thousands apart, no needless digits."""
    assert [plain(value) for value in (0.5, 1000.0, 1e6)] == ["0.5", "1,000", "1,000,000"]
