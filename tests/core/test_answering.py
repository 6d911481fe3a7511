"""Requests whose windows fail: what is answered, and what is known of the worker afterwards."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core.answering import answer_requests
from edgent.core.window import Window
from edgent.core.window_counts import WindowCounts
from edgent.core.wire import Frame, write_frame
from edgent.core.worker_time import WorkerTime
from edgent.errors import ModelError

if TYPE_CHECKING:
    from edgent.core.frame_exits import ExitsToAsk
    from edgent.core.window import LoadedWindow

IDENTITY = b"identity"
TENSOR = np.zeros((1, 2), np.float32)
REQUEST = write_frame(Frame(TENSOR, "float32", IDENTITY, "float32"))


class _OutOfMemoryError(ModelError):
    """A kind of error of which nobody has said what it means."""


class _Failing:
    """One window, which fails when it is to be loaded."""

    largest_tensor_bytes = TENSOR.nbytes

    def __init__(self, error: Exception) -> None:
        self._error = error

    def find(self, identity: bytes) -> Window:
        """The window."""
        return Window("tiny", identity, (2,), np.dtype(np.float32), 4)

    def loaded(self, window: Window) -> LoadedWindow:
        """It fails."""
        raise self._error

    def pieced(self, window: Window, to_ask: ExitsToAsk) -> None:
        """It has no pieces."""


def test_an_error_is_answered_as_the_kind_that_it_is_of() -> None:
    """Whichever kind: no request takes the others of its batch along."""
    windows = _Failing(_OutOfMemoryError("no room"))
    ((status, body),) = answer_requests([REQUEST], windows, WorkerTime(), WindowCounts())
    assert status is HTTPStatus.INTERNAL_SERVER_ERROR
    assert b"no room" in body


def test_a_worker_whose_batch_fails_was_at_work() -> None:
    """The next request is told for how long it may have queued behind it."""
    moments_us = iter([0, 0, 30_000, 31_000])
    worker = WorkerTime(lambda: next(moments_us))
    with pytest.raises(RuntimeError, match="out of the blue"):
        answer_requests([REQUEST], _Failing(RuntimeError("out of the blue")), worker, WindowCounts())
    assert worker.take().busy_us(None) == 31_000
