"""Streams on the device: a video that is played, and a folder into which photos come."""

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from device_runtime.runtime import DeviceRuntime
from device_runtime.streams.picture import Picture
from device_runtime.streams.streamed_answer import StreamedAnswer
from device_runtime.streams.video import Video
from device_runtime.streams.watched_folder import WatchedFolder
from edgent.planning.plan import Plan


@dataclass(frozen=True)
class FrameReply:
    """One answered frame.

    Attributes:
        frame: Its number in the stream.
        plan: What was done; a local exit where the edge was late.
        given_s: When its answer was given, from the beginning of the stream.
        age_s: From its capture until then.
        met: Whether it met the requirement, from its capture on.
        device_s: That the device took for it.
        edge_s: That the link and the edge took.
        edge_error: Why the edge did not answer; None where it did.
    """

    frame: int
    plan: str
    given_s: float
    age_s: float
    met: bool
    device_s: float
    edge_s: float
    edge_error: str | None

    @classmethod
    def of(cls, answer: StreamedAnswer) -> "FrameReply":
        """From a stream's answer."""
        times = answer.timeline
        edge_s = times.network_s + times.edge_s + times.decode_s + (times.queue_s or 0.0)
        device_s = answer.prepare_s + times.before_s + times.encode_s + times.tail_s
        given_s = answer.captured_s + answer.age_s
        met = answer.met_requirement
        return cls(
            answer.frame, str(answer.plan), given_s, answer.age_s, met, device_s, edge_s, answer.edge_error
        )


def stream(
    runtime: DeviceRuntime,
    frames: Iterable[Picture],
    frames_in_all: int,
    requirement_s: float,
    plan: str | None,
    overlap: bool,
) -> dict[str, Any]:
    """Answer a stream to its end; its answers, and how many frames were dropped."""
    replies: list[FrameReply] = []
    chosen = Plan.parse(plan) if plan else None
    with runtime.stream(frames, requirement_s, chosen, overlap=overlap) as answers:
        for answer in answers:
            replies.append(FrameReply.of(answer))
            if answer.frame >= frames_in_all - 1:
                break
    return {"replies": [asdict(reply) for reply in replies], "dropped": answers.dropped}


def played(video: str) -> Iterable[Picture]:
    """The frames of a video, at its own speed."""
    return Video(video, is_live=False, is_paced=True)


@contextmanager
def arriving(photos: Sequence[str], interval_s: float) -> Iterator[Iterable[Picture]]:
    """The pictures of a folder into which a photo comes every so many seconds."""
    with tempfile.TemporaryDirectory(prefix="edgent-stream-") as name:
        folder, ended = Path(name), Event()

        def copy() -> None:
            began_s = time.monotonic()
            for number, photo in enumerate(photos):
                if ended.wait(max(began_s + number * interval_s - time.monotonic(), 0.0)):
                    return
                shutil.copy(photo, folder / f"{number:05d}{Path(photo).suffix}")

        thread = Thread(target=copy)
        watched = WatchedFolder(folder)
        thread.start()
        try:
            yield watched
        finally:
            ended.set()
            thread.join()
