"""Where a source puts its frames and the device takes them: the newest one waits, older ones are dropped."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from typing import Any

    from device_runtime.streams.picture import Picture

_MOST_BROKEN = 1000


@dataclass(frozen=True)
class Frame:
    """A frame of a stream.

    Attributes:
        index: its number in the stream, from 0; dropped and broken ones count.
        captured_s: when its source gave it, on the device's clock.
        picture: what it is.
    """

    index: int
    captured_s: float
    picture: Picture


class Newest:
    """Room for one frame that waits, between the thread of a source and that of the device.

    Attributes:
        dropped: how many frames were dropped for newer ones.
        broken: frames that their source could not read, to be taken by the device; the latest 1,000.
    """

    def __init__(self, clock: Callable[[], float], *, drops: bool = True) -> None:
        """Hold no frame yet.

        Args:
            clock: monotonic seconds.
            drops: whether a newer frame takes the place of one that waits. If not, the source waits until
                that was taken, and a frame counts as captured when it is.
        """
        self.dropped = 0
        self.broken: deque[Frame] = deque(maxlen=_MOST_BROKEN)
        self._clock = clock
        self._drops = drops
        self._changed = Condition()
        self._waiting: Frame | None = None
        self._count = 0
        self._is_ended = False
        self._error: BaseException | None = None

    def put(self, picture: Picture) -> bool:
        """Let a frame wait for the device; False once nobody takes frames any more."""
        with self._changed:
            if not self._drops:
                self._changed.wait_for(lambda: self._waiting is None or self._is_ended)
            if self._is_ended:
                return False
            frame = Frame(self._count, self._clock(), picture)
            self._count += 1
            if picture.error is not None:
                self.broken.append(frame)
            else:
                self.dropped += self._waiting is not None
                self._waiting = frame
            self._changed.notify_all()
            return True

    def take(self, unless: Future[Any] | None = None, within_s: float | None = None) -> Frame | None:
        """The frame that waits, or the next one that comes.

        Args:
            unless: do not wait for one once this is done.
            within_s: nor for longer than so many seconds; None: however long it takes.

        Returns:
            None where none came so, where a broken one came, or where no frame comes any more.
        """
        if unless is not None:
            unless.add_done_callback(lambda _: self._wake())
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting or self._is_ended or self.broken or (unless and unless.done()),
                within_s,
            )
            frame, self._waiting = self._waiting, None
            self._changed.notify_all()
        if frame is None or self._drops:
            return frame
        return replace(frame, captured_s=self._clock())

    def put_back(self, frame: Frame) -> None:
        """Let a frame wait on that was taken, unless a newer one does."""
        with self._changed:
            if self._waiting is None:
                self._waiting = frame
                self._changed.notify_all()
            else:
                self.dropped += 1

    def end(self, error: BaseException | None = None) -> None:
        """No frame comes any more, or none is taken; the first reason counts."""
        with self._changed:
            if not self._is_ended:
                self._is_ended, self._error = True, error
            self._changed.notify_all()

    def check_more(self) -> bool:
        """Whether a frame waits or may still come.

        Raises:
            Exception: why the source gave up.
        """
        with self._changed:
            if not self._is_ended or self._waiting is not None:
                return True
            if self._error is not None:
                raise self._error
            return False

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
