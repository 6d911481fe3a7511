"""Figures draw the recorded values."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from edgent.page.columns import answer_columns, link_columns
from tests.recorded import ALONE, ANSWER, LINK, STARTED_S

LAYERS = {"exit1": 3, "exit2": 6}


def test_answers_are_rows() -> None:
    """Times count from the recording's begin."""
    columns = answer_columns([ANSWER, ALONE], STARTED_S, LAYERS)

    assert columns["time_s"] == [1.0, 1.0]
    assert columns["latency_ms"] == [43.21, 130.0]
    assert columns["requirement_ms"] == [100.0, 100.0]
    assert columns["outcome"] == ["in time", "late"]
    assert columns["accuracy_percent"] == pytest.approx([87.1, 70.0])
    assert columns["exit"] == ["exit2", "exit1"]


@pytest.mark.parametrize(
    ("window", "place"),
    [((0, 0), "device"), ((0, 6), "edge"), ((0, 3), "device and edge"), ((2, 6), "device and edge")],
)
def test_places(window: tuple[int, int], place: str) -> None:
    """Who ran the exit's layers."""
    assert answer_columns([replace(ANSWER, window=window)], STARTED_S, LAYERS)["place"] == [place]


def test_what_is_unknown_is_not_drawn() -> None:
    """A fixed plan predicts nothing."""
    columns = answer_columns([replace(ANSWER, predicted_ms=None, accuracy=None)], STARTED_S, LAYERS)

    assert math.isnan(columns["predicted_ms"][0])
    assert math.isnan(columns["accuracy_percent"][0])


def test_links_have_a_row_for_each_belief() -> None:
    """Of the edge that is asked about, where it was measured."""
    unmeasured = replace(LINK, upload_kbps=None, download_kbps=None)
    answers = [
        ANSWER,
        ALONE,
        replace(ANSWER, edges=(replace(LINK, name="other"),)),
        replace(ANSWER, edges=(unmeasured,)),
    ]

    assert link_columns(answers, STARTED_S, "hall") == {
        "time_s": [1.0],
        "upload_mean_kbps": [640.0],
        "upload_low_kbps": [400.0],
        "upload_high_kbps": [900.0],
        "download_mean_kbps": [5120.0],
        "download_low_kbps": [4000.0],
        "download_high_kbps": [6000.0],
    }
