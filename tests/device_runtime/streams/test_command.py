"""``edgent-device --stream``, with the device alone: what it answers, says at the end, and refuses."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections import deque
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from device_runtime.streams.command import StreamTold
from edgent.inputs import GivenInput
from edgent.termination import Terminated
from tests.command_fixtures import HEARS_CTRL_C
from tests.device_runtime.streams.test_video import write_video
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.command_fixtures import Run

ALONE = ("--plan", "exit2:p0")


def jpeg(seed: int) -> bytes:
    """A picture of the size that the network takes."""
    file = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(pixels).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Gives a command's standard input some bytes."""
    ends, writers = list[int](), list[Thread]()

    def pipe(content: bytes) -> None:
        read, write = os.pipe()
        ends.append(read)

        def fill() -> None:
            with os.fdopen(write, "wb") as file:
                file.write(content)

        writers.append(Thread(target=fill))
        writers[0].start()
        monkeypatch.setattr(sys, "stdin", os.fdopen(read, "rb", closefd=False))

    yield pipe
    for writer in writers:
        writer.join()
    for end in ends:
        os.close(end)


def lines(output: str) -> list[dict[str, Any]]:
    """Answers in JSON."""
    return [json.loads(line) for line in output.splitlines()]


def test_a_pipe_of_jpeg_files(edgent_device: Run, tiny_spec: Path, piped: Any) -> None:
    """Each is answered where none is to be dropped; what breaks off is told."""
    piped(b"".join(map(jpeg, range(5))) + jpeg(5)[:200])
    done = edgent_device("--pipeline", tiny_spec, *ALONE, "--stream", "-", "--every-frame", "--json")
    assert done.code == 0, done.errors
    *answers, broken = lines(done.output)
    assert [answer["input"] for answer in answers] == [f"frame {number}" for number in range(5)]
    assert all(answer["label"] and answer["age_ms"] >= answer["latency_ms"] for answer in answers)
    assert answers[-1]["dropped"] == 0
    assert broken == {
        "index": 5,
        "input": "frame 5",
        "expected": None,
        "error": "it breaks off after 200 bytes",
    }
    assert "not run frame 5: it breaks off after 200 bytes" in done.errors


def test_broken_frames_are_counted(edgent_device: Run, tiny_spec: Path, piped: Any) -> None:
    """And do not change the exit code: the stream goes on. What is no frame at all is left out."""
    whole, larger = jpeg(0), io.BytesIO()
    Image.new("RGB", (9, 9)).save(larger, "JPEG")
    piped(whole + b"junk" + larger.getvalue() + whole)
    done = edgent_device("--pipeline", tiny_spec, *ALONE, "--stream", "-", "--every-frame")
    assert done.code == 0, done.errors
    assert "2 frames answered" in done.output
    assert "0 dropped for newer ones, 1 could not be answered" in done.output
    assert "not run frame 1: 9x9 pixels; tiny takes 8x8" in done.errors
    assert "left out before frame 1: 4 bytes that are no JPEG file" in done.errors


def test_broken_frames_that_differ_in_a_number_are_one_line() -> None:
    """As of files that are cut short; frames of another reason have their own."""
    told = StreamTold("photos")
    for name, error in (("a", "12 bytes are missing"), ("b", "no picture"), ("c", "5 bytes are missing")):
        told.broken.append(GivenInput(name, None, error))
    assert [(item.name, item.error) for item in told.left_out()] == [
        ("a and 1 more", "… bytes are missing"),
        ("b", "no picture"),
    ]


def test_a_rate_is_that_between_the_first_answer_and_the_last() -> None:
    """So a cap on it is kept in what is said, too; one answer has none."""
    told = StreamTold("-", ages_s=deque([0.01] * 11), answered=11, first_s=1.0, last_s=3.0, lasted_s=20.04)
    assert told.lines()[0] == "stream of 20.0 s: 11 frames answered, 5.00 a second, 0 dropped for newer ones"
    one = StreamTold("-", ages_s=deque([0.01]), answered=1, first_s=0.01, last_s=0.01, lasted_s=0.018)
    assert one.lines()[0] == "stream of 18.0 ms: 1 frame answered, 0 dropped for newer ones"


def test_a_full_disk_ends_a_stream_with_its_sum(
    edgent_device: Run, tiny_spec: Path, piped: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told in a line."""
    monkeypatch.setattr("edgent.whole_file.token_hex", lambda _: "unfinished")
    out = tmp_path / "out"
    out.mkdir()
    (out / ".00001-exit2.unfinished.npy").symlink_to("/dev/full")
    piped(b"".join(map(jpeg, range(3))))
    source = ("--stream", "-", "--every-frame", "--out", out)
    done = edgent_device("--pipeline", tiny_spec, *ALONE, *source)
    assert done.code == 2
    assert "1 frame answered" in done.output
    assert done.errors.endswith(
        f"error: --out: {out / '00001-exit2.npy'} cannot be written: No space left on device; make room "
        "there, or name another folder\n"
    )


def test_a_stream_whose_source_fails_is_summed_up(
    edgent_device: Run, tiny_spec: Path, piped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was answered before is told, and then why no more comes."""
    monkeypatch.setattr("device_runtime.streams.jpeg_begin._MOST_BYTES", 1000)
    piped(b"".join(map(jpeg, range(3))) + b"rubbish" * 1000)
    done = edgent_device("--pipeline", tiny_spec, *ALONE, "--stream", "-", "--every-frame")
    assert done.code == 2
    assert "3 frames answered" in done.output
    assert "frame 2" in done.output
    assert "error: " in done.errors


def test_a_stream_is_recorded(edgent_device: Run, tiny_spec: Path, piped: Any, tmp_path: Path) -> None:
    """As other inputs are: a line for each answer, and one for the frame that breaks off."""
    piped(jpeg(0) + jpeg(1) + jpeg(2)[:200])
    record = tmp_path / "run.jsonl"
    source = ("--stream", "-", "--every-frame", "--record", record)
    done = edgent_device("--pipeline", tiny_spec, *ALONE, *source)
    assert done.code == 0, done.errors
    said = [line for line in lines(record.read_text()) if "input" in line]
    assert [line["input"] for line in said] == ["frame 0", "frame 1", "frame 2"]


def test_raw_frames(edgent_device: Run, tiny_spec: Path, piped: Any) -> None:
    """Of a size that is said; so many and no more."""
    piped(bytes(8 * 8 * 3) * 5)
    source = ("--stream", "-", "--frame-format", "rgb24:8x8", "--every-frame", "--count", 3)
    done = edgent_device("--pipeline", tiny_spec, *ALONE, *source)
    assert done.code == 0, done.errors
    assert "3 frames answered" in done.output
    assert "0 dropped for newer ones" in done.output
    assert "age of an answer" in done.output


def test_raw_frames_have_no_files_that_anybody_misses(
    edgent_device: Run, chain_network: Path, tmp_path: Path, piped: Any
) -> None:
    """Where the spec offers photos' own files: each answer says so to programs, and nobody else is told."""
    spec = write_tiny_spec(tmp_path / "pipeline", chain_network)
    spec.write_text(f"{spec.read_text()}codecs: {{input: [raw, file]}}\n")
    piped(bytes(8 * 8 * 3) * 2)
    source = ("--stream", "-", "--frame-format", "rgb24:8x8", "--every-frame", "--json")
    done = edgent_device("--pipeline", spec, *ALONE, *source)
    assert done.code == 0, done.errors
    assert all("came as pixels" in answer["file_kept"] for answer in lines(done.output))
    assert "no file sent" not in done.errors


def test_frames_of_another_size_are_told_once(edgent_device: Run, tiny_spec: Path, piped: Any) -> None:
    """However many there are; the network's pictures are of one size."""
    piped(bytes(6 * 4 * 3) * 3)
    source = ("--stream", "-", "--frame-format", "rgb24:6x4", "--every-frame")
    done = edgent_device("--pipeline", tiny_spec, *ALONE, *source)
    assert done.code == 2
    assert "not run frame 0 and 2 more: 6x4 pixels; tiny takes 8x8: to have pictures resized" in done.errors


def test_a_video_is_played(edgent_device: Run, chain_network: Path, tmp_path: Path) -> None:
    """At its own speed; no more frames a second are answered than was said."""
    spec = write_tiny_spec(tmp_path / "pipeline", chain_network)
    resized = spec.read_text().replace("input: {", "input: {preprocessing: {resize: cover}, ")
    spec.write_text(resized)
    video = write_video(tmp_path / "clip.mp4", 10)
    done = edgent_device("--pipeline", spec, *ALONE, "--stream", video, "--fps", 5, "--json")
    assert done.code == 0, done.errors
    answers = lines(done.output)
    assert 4 <= len(answers) <= 6
    frames = [answer["frame"] for answer in answers]
    assert frames == sorted(set(frames))
    assert answers[-1]["dropped"] + len(answers) <= 10


@pytest.mark.parametrize(
    ("ended_by", "said"),
    [
        (None, "1.0 s: "),
        (KeyboardInterrupt(), "1.0 s, ended by Ctrl-C: "),
        (Terminated(), "1.0 s, ended by SIGTERM: "),
    ],
)
def test_what_ended_a_stream_is_told(ended_by: KeyboardInterrupt | None, said: str) -> None:
    """In its sum."""
    told = StreamTold("-", ages_s=deque([0.1]), answered=1, lasted_s=1.0, ended_by=ended_by)
    assert said in told.lines()[0]


@pytest.mark.parametrize(
    ("sent", "code", "said"), [(signal.SIGINT, 130, "interrupted\n"), (signal.SIGTERM, 143, "terminated\n")]
)
def test_a_signal_ends_a_stream_with_its_sum(
    tiny_spec: Path, tmp_path: Path, sent: signal.Signals, code: int, said: str
) -> None:
    """A folder is watched without an end."""
    folder = tmp_path / "photos"
    folder.mkdir()
    command = (sys.executable, "-c", "from device_runtime.cli import main; main()")
    options = ("--pipeline", tiny_spec, *ALONE, "--stream", folder, "--json")
    came = Event()

    def write() -> None:
        number = 0
        while not came.wait(0.1):
            (folder / f"{number}.jpg").write_bytes(jpeg(number))
            number += 1

    with subprocess.Popen(
        [*HEARS_CTRL_C, *command, *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1", "XDG_CACHE_HOME": str(tmp_path / "cache")},
        text=True,
    ) as process:
        assert process.stdout is not None
        writer = Thread(target=write)
        writer.start()
        answer = json.loads(process.stdout.readline())
        came.set()
        writer.join()
        process.send_signal(sent)
        _, errors = process.communicate(timeout=30)
    assert answer["input"].endswith(".jpg")
    assert process.returncode == code, errors
    assert "Traceback" not in errors
    assert errors.endswith(said)


def test_a_stream_without_an_answer_is_a_mistake(edgent_device: Run, tiny_spec: Path, piped: Any) -> None:
    """It is told which."""
    piped(b"")
    done = edgent_device("--pipeline", tiny_spec, *ALONE, "--stream", "-")
    assert done.code == 2
    assert "the stream - ended, and no frame of it was answered" in done.errors


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--fps", 5), "--fps: this is for streams; name one with --stream"),
        (("--every-frame",), "--every-frame: this is for streams"),
        (("--stream", "-", "--input", "photos"), "--stream and --input: give one of them"),
        (("--stream", "-", "--plan", "exit1:p0"), "--stream with 2 plans: a frame is answered once"),
        (("--stream", "-", "--repeat", 2), "--stream and --repeat: a stream comes once"),
        (("--stream", "camera:99"), "/dev/video99: there is no such file, folder or camera"),
        (("--stream", "-", "--frame-format", "rgb"), "--frame-format rgb: write PIXELS:WIDTHxHEIGHT"),
        (("--stream", ""), "--stream '' names nothing: name a video file, a folder, camera:0"),
    ],
)
def test_what_does_not_go_together_is_told(
    edgent_device: Run, tiny_spec: Path, piped: Any, options: tuple[Any, ...], said: str
) -> None:
    """Before anything is opened."""
    piped(b"")
    done = edgent_device("--pipeline", tiny_spec, *ALONE, *options)
    assert done.code == 2
    assert said in done.errors
