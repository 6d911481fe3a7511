"""Links that move: a photo that comes while another is awaited is lost; the best plan of a method counts."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.studies.moving.measure import Watched, watch
from benchmarks.studies.moving.report import outcomes_of, report
from benchmarks.studies.study import Study
from benchmarks.studies.workload.answered import Answered
from benchmarks.studies.workload.methods import AGAIN, EDGE_ONLY, LOCAL_EXIT, OURS, STOCK


def answered(latency_s: float, wanted: str = "exit6:p0", accuracy: float = 0.9) -> Answered:
    """An answer as it was wanted."""
    return Answered(wanted, wanted, latency_s, accuracy, True, 100, 50, latency_s / 2)


def test_photos_come_whether_or_not_an_answer_is_awaited() -> None:
    """The second answer takes 0.6 s: two photos come meanwhile and are lost."""
    now_s, asked = [0.0], []

    def sleep(seconds: float) -> None:
        now_s[0] += seconds

    def ask(number: int) -> Answered:
        asked.append((number, round(now_s[0], 3)))
        took_s = 0.6 if number == 1 else 0.1
        now_s[0] += took_s
        return answered(took_s)

    answers = watch(ask, 1.5, 0.25, lambda: now_s[0], sleep)
    assert asked == [(0, 0.1), (1, 0.35), (4, 1.1), (5, 1.35)]
    assert [one is None for one in answers] == [False, False, True, True, False, False]


@pytest.fixture
def watched() -> list[Watched]:
    """Ours within 100 ms, edge-only in four ways, the stock classifier, which loses a photo, a control."""
    return [
        Watched("a", OURS, "", 0.1, [answered(0.05), answered(0.06, "exit6:p45")], 0.001),
        Watched("a", EDGE_ONLY, "exit6:p45", None, [answered(0.2)] * 2, 0.001),
        Watched("a", EDGE_ONLY, "exit6:p45:jpeg10", None, [answered(0.09, accuracy=0.8)] * 2, 0.001),
        Watched("a", EDGE_ONLY, "", 0.1, [answered(0.09, accuracy=0.7)] * 2, 0.001),
        Watched("a", EDGE_ONLY, "", 0.2, [answered(0.05, accuracy=0.9)] * 2, 0.001),
        Watched("a", STOCK, "", None, [answered(0.05), None], 0.001),
        Watched("a", LOCAL_EXIT, "exit6:p0", None, [answered(0.17)] * 2, 0.001),
        Watched("a", AGAIN, "exit6:p0", None, [answered(0.171)] * 2, 0.001),
    ]


def test_late_and_lost_photos_count_nothing(watched: list[Watched]) -> None:
    """The best plan of a method within a requirement is told after the fact; the control is no method."""
    ours, edge, stock, _alone = outcomes_of(watched, [0.1])
    assert (ours.accuracy_in_time, ours.late_share, ours.switches) == (pytest.approx(0.9), 0.0, 1)
    assert (edge.watched.plan, edge.accuracy_in_time) == ("exit6:p45:jpeg10", pytest.approx(0.8))
    assert (stock.accuracy_in_time, stock.late_share) == (pytest.approx(0.45), 0.5)


def test_a_codec_that_is_chosen_for_each_photo_is_edge_only_s_best(watched: list[Watched]) -> None:
    """Where it comes to more than each codec that is kept; for another requirement it does not count."""
    better = [
        replace(one, answers=[answered(0.09, accuracy=0.85)] * 2)
        if (one.plan, one.requirement_s) == ("", 0.1) and one.method == EDGE_ONLY
        else one
        for one in watched
    ]
    edge = outcomes_of(better, [0.1])[1]
    assert (edge.watched.plan, edge.accuracy_in_time) == ("", pytest.approx(0.85))


def test_a_report(watched: list[Watched], tmp_path: Path) -> None:
    """Sentences, a table, a picture and a row for every answer."""
    made = report(watched, [0.1])
    assert made.facts[0].startswith(
        "Accuracy in time, in the mean of 1 cell: 90.0% for ours, 80.0% for the best other method "
        "(edge-only, best codec), 80.0% for"
    )
    assert made.facts[1] == "Of 2 photos of ours 0 were late or lost (0.0%)."
    assert made.tables[0].rows[2] == ("a", "100", STOCK, "", "45.0%", "50.0%", "50", "100", "0")
    assert made.facts[2].startswith("Control: ")
    assert len(made.records["photos"]) == 15
    picture = made.pictures["moving-accuracy.png"]
    assert picture.note.endswith("“paper's Edgent”. Neither were devices of another speed.")
    assert "edge-only" not in picture.note
    assert [text.get_text() for text in picture.figure.axes[0].texts] == ["90", "80", "45", "0"]
    Study("moving", tmp_path).write(made)
    assert (tmp_path / "moving-accuracy.png").exists()
    assert (tmp_path / "photos.csv").read_text().startswith("trace,method,plan,requirement_s,speed_s,wanted,")
