"""The answer to a frame of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from device_runtime.answer import Answer

if TYPE_CHECKING:
    from device_runtime.streams.newest import Frame
    from device_runtime.streams.picture import Picture


@dataclass(frozen=True)
class StreamedAnswer(Answer):
    """An answer, and where its frame stands in the stream.

    Attributes:
        frame: number of the frame, from 0; dropped and broken ones count.
        picture: what was answered; None where it was not kept.
        captured_s: when its source gave it, in seconds from the beginning of the stream.
        age_s: seconds from then until the answer was given.
        dropped: how many frames were dropped by then, for newer ones.
        fps: answers per second by then, of the latest ones; None for the first.
    """

    frame: int = 0
    picture: Picture | None = None
    captured_s: float = 0.0
    age_s: float = 0.0
    dropped: int = 0
    fps: float | None = None

    @classmethod
    def of(cls, answer: Answer, frame: Frame, began_s: float, **now: Any) -> StreamedAnswer:
        """The answer to a frame of a stream that began then, with the other attributes as they are now."""
        captured_s = frame.captured_s - began_s
        return cls(**vars(answer), frame=frame.index, picture=frame.picture, captured_s=captured_s, **now)

    def to_json(self) -> dict[str, Any]:
        """As of any answer, and what concerns the stream."""
        return super().to_json() | {
            "frame": self.frame,
            "captured_s": round(self.captured_s, 6),
            "age_ms": round(self.age_s * 1e3, 3),
            "dropped": self.dropped,
            "fps": None if self.fps is None else round(self.fps, 3),
        }
