"""What is said of capacity, in tables, sentences and pictures."""

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from matplotlib.figure import Figure
from rich.console import Console

from edgent.capacity.need import Need
from edgent.capacity.shortfall import Shortfall
from edgent.show.capacity_figure import capacity_figure
from edgent.show.capacity_sentences import capacity_sentences
from edgent.show.capacity_table import capacity_table, plan_shares_table
from tests.capacity.made_figures import IDLE

LOADED = replace(
    IDLE, edges=2, workers=4, wait_s=0.001, longest_wait_s=0.007, utilisation=0.66,
    plans=(("exit6:p45", 0.8), ("exit1:p0", 0.1), ("exit2:p0", 0.0996), ("exit3:p0", 0.0004)),
)  # fmt: skip
ALONE = replace(
    LOADED, edges=0, workers=0, utilisation=None, accuracy=None, stood_by_accuracy=None, latency_s=None
)
OVERLOADED = replace(LOADED, edges=1, stood_by_share=0.4, late_share=0.02, accuracy=0.8)
NEED = Need(
    name="flowers", devices=1_000, rate_hz=1.0, latency_requirement_s=0.2, late_share=0.01, loss=0.02,
    measure="accuracy", idle=IDLE, busy_workers=5.3, found=LOADED, is_given=False, shortfalls=(),
    tried=(ALONE, LOADED),
)  # fmt: skip
GIVEN = replace(NEED, found=OVERLOADED, is_given=True, shortfalls=tuple(Shortfall), tried=(OVERLOADED,))


def _text(*found: Need) -> str:
    console = Console(width=160, file=StringIO())
    with console.capture() as captured:
        console.print(capacity_table(found))
        if len(found) == 1:
            console.print(plan_shares_table(found[0]))
    return captured.get()


def test_a_row_says_what_it_takes() -> None:
    """Edges, workers of each, and what comes of it."""
    shown = " ".join(_text(NEED).split())
    assert "Edges that are needed" in shown
    assert "*" not in shown
    assert "1,000 200 ms 2 4 0.00% 1.00% 10.0% 0.910 (0.910) 66% 7.00 60.0 1,000" in shown
    assert "exit6:p45 80.0% 90.0%" in shown
    assert "exit2:p0 10.0% 0.0%" in shown
    assert "exit3:p0" not in shown


def test_rows_say_what_falls_short() -> None:
    """By a star, which the caption explains."""
    shown = " ".join(_text(GIVEN, replace(GIVEN, found=LOADED, shortfalls=())).split())
    assert "Edges as given" in shown
    assert "1 4 2.00%* 40.00%* 10.0% 0.800* (0.910)" in shown
    assert "2 4 0.00% 1.00% 10.0% 0.910 (0.910)" in shown
    assert "*: because of this edges are not enough" in shown


def test_pipelines_are_named_where_there_are_several() -> None:
    """And what is missing is left empty or said."""
    shown = _text(
        NEED,
        replace(NEED, name="lenet", found=ALONE),
        replace(NEED, found=IDLE, shortfalls=(Shortfall.LATE,)),
    )
    assert "pipeline" in shown
    assert "none (0.910)" in shown
    assert "any" in shown


def test_accuracy_has_the_name_of_its_measure() -> None:
    """In the table, its caption, sentences and the picture; the common name where rows differ."""
    agreement = replace(GIVEN, measure="agreement")
    told = " ".join([_text(agreement), *capacity_sentences(agreement)])
    assert "lose 0.110 of agreement" in told
    assert "their agreement is 0.700" in told
    shares, _ = capacity_figure([agreement]).axes
    assert shares.get_ylabel() == "share of requests; agreement"
    assert "agreement" in shares.get_legend_handles_labels()[1]
    assert "accuracy" not in told
    assert "accuracy" in _text(NEED, replace(NEED, measure="agreement"))


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            NEED,
            "2 edges of 4 workers each are needed for 1,000 devices of flowers that ask at 1 Hz each, ",
        ),
        (replace(NEED, is_given=True), "2 edges of 4 workers each, as given, are enough for"),
        (GIVEN, "1 edge of 4 workers, as given, is not enough for"),
        (replace(GIVEN, is_given=False), "Not even 1 edge of 4 workers is enough for"),
        (replace(NEED, found=ALONE), "No edge is needed for 1,000 devices"),
        (replace(GIVEN, found=ALONE), "Without an edge it is not enough for 1,000 devices"),
        (replace(GIVEN, found=IDLE), "No number of edges is enough for 1,000 devices"),
    ],
)
def test_the_answer_in_a_sentence(one: Need, said: str) -> None:
    """For each of the answers that there may be."""
    assert capacity_sentences(one)[0].startswith(said)


def test_why_edges_are_not_enough() -> None:
    """Which conditions fail, and whether it is the rate, the requirement or the links."""
    _, why, rate, local = capacity_sentences(GIVEN)
    assert why == (
        "Why not: 2.0% are late, load makes 41.0% late for the edge, answers in time lose 0.110 of accuracy."
    )
    assert rate.startswith("The rate is too high: these requests would keep 5.3 workers busy, and all edges")
    assert local == (
        "Local exits answer 40.0% of the requests, 400 a second, whose edge is late or refuses "
        "(1.0% where nobody waits): their accuracy is 0.700, that of all answers 0.800."
    )
    _, _, requirement, _ = capacity_sentences(replace(GIVEN, busy_workers=3.9))
    assert requirement.startswith(
        "The rate is not too high, for 3.9 of 4 workers would be busy in the mean; but"
    )
    late = replace(IDLE, late_share=0.3, stood_by_share=0.0)
    _, links = capacity_sentences(replace(GIVEN, idle=late, found=late))
    assert links.startswith("Where nobody waits on an edge 30.0% are late already")
    assert len(capacity_sentences(replace(GIVEN, found=ALONE))) == 2


@pytest.mark.parametrize(("busy", "said"), [(0.79, None), (0.9, "A device computes"), (3.0, "would have to")])
def test_devices_that_are_asked_too_often(busy: float, said: str | None) -> None:
    """What is not simulated is said."""
    told = capacity_sentences(replace(NEED, found=replace(LOADED, device_utilisation=busy)))
    if said is None:
        assert "device computes" not in " ".join(told)
    else:
        assert said in told[-1]
        assert f"for {busy:.0%} of the time" in told[-1]


def test_pictures() -> None:
    """Of one answer what was tried; of several a line for each pipeline, of what is enough."""
    shares, plans = capacity_figure([NEED]).axes
    assert [label.get_text() for label in plans.get_xticklabels()] == ["0", "8"]
    assert shares.get_legend() is not None
    accuracy = next(line for line in shares.get_lines() if line.get_label() == "accuracy")
    assert np.isnan(np.asarray(accuracy.get_ydata())[0]), "nobody answers in time"
    many = replace(LOADED, plans=tuple((f"exit{n}:p0", 0.05) for n in range(20)))
    _, plans = capacity_figure([replace(NEED, tried=(many,))]).axes
    assert plans.get_legend_handles_labels()[1][-1] == "others"
    sweep = capacity_figure([NEED, replace(NEED, devices=10), replace(GIVEN, name="lenet", is_given=False)])
    assert isinstance(sweep, Figure)
    (axes,) = sweep.axes
    (line,) = axes.get_lines()
    assert np.asarray(line.get_xdata()).tolist() == [10, 1_000]
    assert axes.get_title() == "1 of 3 have no point: no number is enough"
    (axes,) = capacity_figure([replace(GIVEN, is_given=False)] * 2).axes
    assert not axes.get_lines()


def test_a_picture_of_given_edges_has_what_devices_make_of_them() -> None:
    """Not how many there are; with a cross where they are not enough."""
    (axes,) = capacity_figure([GIVEN, replace(GIVEN, devices=10, found=LOADED, shortfalls=())]).axes
    line, crosses = axes.get_lines()
    assert axes.get_ylabel() == "accuracy of answers in time"
    assert np.asarray(line.get_ydata()).tolist() == [0.91, 0.8]
    assert (np.asarray(crosses.get_xdata()).tolist(), crosses.get_label()) == ([1_000], "not enough")
