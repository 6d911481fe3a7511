"""What is said of capacity, in tables, sentences and pictures."""

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from matplotlib.figure import Figure
from rich.console import Console

from edgent.capacity.figures import Figures
from edgent.capacity.need import Need
from edgent.show.capacity_figure import capacity_figure
from edgent.show.capacity_table import capacity_table, plan_shares_table, verdict

IDLE = Figures(
    edges=1, workers=None, requests=20_000, late_share=0.0, device_share=0.1, edge_share=0.89,
    stood_by_share=0.01, refused_share=0.0, expired_share=0.0, in_vain_share=0.0, accuracy=0.91,
    latency_s=0.06, wait_s=0.0, longest_wait_s=0.0, utilisation=None, goodput_hz=1_000.0,
    plans=(("exit6:p45", 0.9), ("exit1:p0", 0.1)),
)  # fmt: skip
LOADED = replace(
    IDLE, edges=2, workers=4, wait_s=0.001, longest_wait_s=0.007, utilisation=0.66,
    plans=(("exit6:p45", 0.8), ("exit1:p0", 0.1), ("exit2:p0", 0.0996), ("exit3:p0", 0.0004)),
)  # fmt: skip
ALONE = replace(LOADED, edges=0, workers=0, utilisation=None, accuracy=None, latency_s=None)
NEED = Need("flowers", 1_000, 1.0, 0.2, 0.01, 0.02, "accuracy", IDLE, LOADED, True, (ALONE, LOADED))


def _text(*found: Need) -> str:
    console = Console(width=160, file=StringIO())
    with console.capture() as captured:
        console.print(capacity_table(found, "title"))
        if len(found) == 1:
            console.print(plan_shares_table(found[0]))
    return captured.get()


def test_a_row_says_what_it_takes() -> None:
    """Edges, workers of all of them, and what comes of it."""
    shown = " ".join(_text(NEED).split())
    assert "1,000 200 ms 2 8 0.00% 1.00% 10.0% 0.910 (0.910) 66% 7.00 60.0 1,000" in shown
    assert "exit6:p45 80.0% 90.0%" in shown
    assert "exit2:p0 10.0% 0.0%" in shown
    assert "exit3:p0" not in shown


def test_pipelines_are_named_where_there_are_several() -> None:
    """And what is missing is left empty or said."""
    shown = _text(NEED, replace(NEED, name="lenet", found=ALONE), replace(NEED, found=IDLE, is_enough=False))
    assert "pipeline" in shown
    assert "none (0.910)" in shown
    assert "any" in shown


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            NEED,
            "2 edges of 4 workers are enough for 1,000 devices of flowers that ask at 1 Hz each, within 200",
        ),
        (
            replace(NEED, is_enough=False, found=replace(LOADED, edges=1)),
            "1 edge of 4 workers is not enough for",
        ),
        (replace(NEED, found=ALONE), "No edge is needed for 1,000 devices"),
        (replace(NEED, found=ALONE, is_enough=False), "0 edges of 0 workers are not enough"),
        (replace(NEED, found=replace(IDLE, late_share=0.3), is_enough=False), "30.0% are late within 200 ms"),
    ],
)
def test_the_answer_in_a_sentence(one: Need, said: str) -> None:
    """For each of the answers that there may be."""
    assert said in verdict(one)


def test_pictures() -> None:
    """Of one answer what was tried; of several a line for each pipeline, of what is enough."""
    shares, plans = capacity_figure([NEED]).axes
    assert [label.get_text() for label in plans.get_xticklabels()] == ["0", "8"]
    assert shares.get_legend() is not None
    many = replace(LOADED, plans=tuple((f"exit{n}:p0", 0.05) for n in range(20)))
    _, plans = capacity_figure([replace(NEED, tried=(many,))]).axes
    assert plans.get_legend_handles_labels()[1][-1] == "others"
    sweep = capacity_figure([NEED, replace(NEED, devices=10), replace(NEED, name="lenet", is_enough=False)])
    assert isinstance(sweep, Figure)
    (axes,) = sweep.axes
    (line,) = axes.get_lines()
    assert np.asarray(line.get_xdata()).tolist() == [10, 1_000]
    (axes,) = capacity_figure([replace(NEED, is_enough=False)] * 2).axes
    assert not axes.get_lines()
