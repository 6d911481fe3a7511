"""What the study of streams makes of its answers, and its video."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.studies.stream.frames import RATE, SIZE, write_video
from benchmarks.studies.stream.measure import BOTH_WORK, OWN_CHOICE, Streamed
from benchmarks.studies.stream.report import report
from benchmarks.testbed.device.streaming import FrameReply
from device_runtime.streams.video import Video

REPLY = FrameReply(0, "exit6:p45", 0.0, 0.12, met=True, device_s=0.06, edge_s=0.05, edge_error=None)


def streamed(kind: str, overlap: bool, interval_s: float) -> Streamed:
    """Twenty answers so many seconds apart."""
    replies = tuple(replace(REPLY, frame=3 * n, given_s=n * interval_s) for n in range(20))
    return Streamed("video", 250e3, kind, overlap, "exit6:p45", 40, replies)


def test_a_stream_is_summed_up_once_it_has_settled() -> None:
    """The first answers are left out."""
    one = streamed(BOTH_WORK, overlap=True, interval_s=0.1)
    late = replace(REPLY, frame=60, given_s=2.0, age_s=1.2, met=False, edge_error="EdgeTimeoutError: late")
    one = replace(one, replies=(late, *one.replies[1:], late))
    assert one.fps == pytest.approx(10)
    assert (one.late, one.ages_s) == (1, (0.12, 1.2))
    assert one.by_edge == pytest.approx(15 / 16)
    assert not one.is_in_order, "frame 60 came before frame 3"


def test_a_report_has_a_row_for_each_pair() -> None:
    """The gain counts where both nodes work."""
    pairs = [
        streamed(OWN_CHOICE, overlap=False, interval_s=0.1),
        streamed(OWN_CHOICE, overlap=True, interval_s=0.1),
        streamed(BOTH_WORK, overlap=False, interval_s=0.15),
        streamed(BOTH_WORK, overlap=True, interval_s=0.1),
    ]
    made = report(pairs)
    assert [row[7] for row in made.tables[0].rows] == ["1.00", "1.50"]
    assert {row[8] for row in made.tables[0].rows} == {"1.83"}, "of 60 and 50 ms the device has 60"
    assert "1.50 to 1.50 times" in made.facts[0]
    assert "0 of 80 answers were late; in 0 of 4 streams" in made.facts[1]
    assert len(made.records["frames"]) == 80


def test_the_video_goes_over_the_photos(tmp_path: Path) -> None:
    """Each for ten frames, a little further with every frame."""
    for name, value in (("a", 40), ("b", 200)):
        Image.fromarray(np.full((60, 80, 3), value, np.uint8)).save(tmp_path / f"{name}.png")
    file = write_video(tmp_path / "clip.mp4", [tmp_path / "a.png", tmp_path / "b.png"], frames=20)
    pictures = [np.asarray(picture.read()) for picture in Video(str(file), is_live=False)]
    assert RATE == 30
    assert {picture.shape for picture in pictures} == {(SIZE[1], SIZE[0], 3)}
    means = [picture.mean() for picture in pictures]
    assert means[:10] == pytest.approx([40] * 10, abs=4)
    assert means[10:] == pytest.approx([200] * 10, abs=4)
