"""The page's HTML has the recorded values, and nothing that came from elsewhere as markup."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from edgent.page.counts import plan_list, trouble_list
from edgent.page.network_picture import network_picture
from edgent.page.photo_strip import photo_strip
from edgent.page.summary import summary
from edgent.recording.lines import RecordedBandwidth, RecordedGap
from tests.recorded import ALONE, ANSWER, LINK, history

EVIL = "<script>alert(1)</script>"


def words_of(html: str) -> str:
    """What a reader sees, blanks made one."""
    return " ".join(re.sub(r"<[^>]*>", " ", html.replace("<wbr>", "")).split())


@pytest.mark.parametrize("part", [summary, network_picture, photo_strip, plan_list, trouble_list])
def test_a_page_may_be_looked_at_before_there_is_anything(part: object) -> None:
    """It says that there is nothing."""
    assert callable(part)
    assert 'class="none"' in part(history())


def test_the_summary_has_the_last_values() -> None:
    """With units, and how many were in time."""
    said = words_of(summary(history(ALONE, ANSWER, RecordedGap("gap", 3))))

    assert "Answers 2 50.0 % in time, 3 more are not recorded" in said
    assert "Last latency 43.2 ms of 100 ms" in said
    assert "Last plan exit2:p2-p5:uint8 by hall" in said
    assert "Promised accuracy 87.1 %" in said
    assert "Upload 640 kbps 80 % between 400 kbps and 900 kbps" in said
    assert "Download 5.12 Mbps 80 % between 4 Mbps and 6 Mbps" in said
    assert "Round trip 12.5 ms" in said


def test_the_summary_names_the_measure() -> None:
    """Where accuracy is another one."""
    assert "Promised agreement 87.1 %" in words_of(summary(history(ANSWER, measure="agreement")))


def test_the_summary_says_what_is_not_there() -> None:
    """An accuracy that was never measured is not promised; a steady link has no band."""
    gone = "EdgeUnreachableError: it is gone"
    steady = replace(LINK, upload_kbps=RecordedBandwidth(640.0, 640.0, 640.0), absence=gone)
    said = words_of(summary(history(replace(ANSWER, accuracy=None, edges=(steady, replace(LINK, name="b"))))))

    assert "Promised" not in said
    assert "Upload of hall 640 kbps taken as steady" in said
    assert "Edge of hall left alone it is gone" in said


def test_right_labels_are_in_the_summary() -> None:
    """Where any is known."""
    assert "Right labels 100.0 % of 1" in words_of(summary(history(replace(ANSWER, expected="rose"), ALONE)))


def test_the_picture_has_the_window_and_the_codecs() -> None:
    """Device, up, edge, down, device; and a row for the other exit."""
    html = network_picture(history(ANSWER))

    assert re.findall(r'class="run (\w+)"', html) == ["idle", "device", "edge", "device"]
    assert [part.count("<i title") for part in html.split('class="run ')[1:]] == [3, 2, 3, 1]
    said = words_of(html)
    assert "exit1 70.0 %" in said
    assert (
        "exit2 90.0 % device 2 layers, 5 ms ↑ float32 3.2 kB edge 3 layers, 2.5 ms ↓ uint8 812 B "
        "device 1 layer, 7.25 ms"
    ) in said


def test_the_picture_of_the_edge_alone() -> None:
    """The input goes up, the answer comes down."""
    html = network_picture(history(replace(ANSWER, window=(0, 6), plan="exit2:p6")))

    assert re.findall(r'class="run (\w+)"', html) == ["idle", "edge"]


def test_the_picture_of_the_device_alone() -> None:
    """Nothing crosses, and what was planned is said."""
    html = network_picture(history(ALONE))

    assert re.findall(r'class="run (\w+)"', html) == ["device", "idle"]
    assert "crossing" not in html
    assert "The last answer came by exit1:p0 . Planned was exit2:p2-p5:uint8 ." in words_of(html)


def test_counts_are_sorted_and_bounded() -> None:
    """The most frequent first; what is not shown is counted."""
    plans = [replace(ANSWER, plan=f"exit1:p{number}") for number in range(20)]
    said = words_of(plan_list(history(*plans, ANSWER, ANSWER)))

    assert said.startswith("answers share plan 2 9.1 % exit2:p2-p5:uint8 1 4.5 %")
    assert said.endswith("and 9 more")


def test_errors_are_told_with_their_number() -> None:
    """And its share of all inputs."""
    said = words_of(trouble_list(history(ALONE, ALONE, ANSWER)))

    assert said.startswith("inputs share reason 2 66.7 % answered on the device: tiny-p02 had not answered")


def test_pictures_have_their_answers() -> None:
    """The newest first, with what is wrong where that is known."""
    one = replace(ANSWER, photo="QUJD", expected="rose")
    other = replace(ALONE, photo="REVG", expected="tulip")
    html = photo_strip(history(one, other))

    assert re.findall(r"base64,(\w+)", html) == ["REVG", "QUJD"]
    assert words_of(html) == ("rose 93.4 % ✗ tulip exit1, 130 ms late rose 93.4 % ✓ exit2, 43.2 ms")


def test_nothing_from_elsewhere_is_markup() -> None:
    """Names of inputs, labels, exits, edges, reasons."""
    evil = replace(
        ALONE,
        input=EVIL,
        label=EVIL,
        expected="b" + EVIL,
        plan=EVIL,
        edge=EVIL,
        fallback=EVIL,
        codec={"input": EVIL, "activation": EVIL},
        window=(0, 1),
        photo="QUJD",
        edges=(replace(LINK, name=EVIL, absence=EVIL), LINK),
    )
    made = history(evil, measure=EVIL)
    html = "".join(part(made) for part in (summary, network_picture, photo_strip, plan_list, trouble_list))

    assert "<script" not in html
    assert html.count("&lt;script&gt;") > 10
