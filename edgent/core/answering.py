"""Requests in, statuses and answers out, whoever carries them and whichever windows compute them.

A bad request is answered with a reason and harms nobody else; those to one window and of one size run as one
batch. A request that names exits is run in pieces between them, and may be answered by one of them.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple, Protocol

import numpy as np

from edgent.core.codecs import CODECS
from edgent.core.frame_exits import ExitsToAsk
from edgent.core.pieced_window import Given, PiecedWindow
from edgent.core.refusal import OK, Answer, refuse
from edgent.core.window import LoadedWindow, Window
from edgent.core.wire import Frame, read_frame, write_frame
from edgent.errors import (
    FrameError,
    InputError,
    ModelError,
    NotReadyError,
    UnknownNameError,
    WireVersionError,
)

_NOT_RUN: dict[type[Exception], HTTPStatus] = {
    InputError: HTTPStatus.BAD_REQUEST,
    UnknownNameError: HTTPStatus.BAD_REQUEST,
    NotReadyError: HTTPStatus.TOO_EARLY,
    ModelError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_NO_OUTPUT = np.zeros(0, np.float32)


class Windows(Protocol):
    """What is served: one window, or all those of a network."""

    @property
    def largest_tensor_bytes(self) -> int:
        """What the inputs of one request take at most."""

    def find(self, identity: bytes) -> Window:
        """The window that a request means.

        Raises:
            ModelError: there is none of this identity, so the request means another model.
        """

    def loaded(self, window: Window) -> LoadedWindow:
        """A window that can run.

        Raises:
            NotReadyError: it is being loaded.
            ModelError: it cannot be loaded.
        """

    def pieced(self, window: Window, to_ask: ExitsToAsk) -> PiecedWindow | None:
        """A window that can run from exit to exit; None where it runs whole, or its pieces are being loaded.

        Args:
            window: the whole of it.
            to_ask: the exits, in the order in which the window passes them.

        Raises:
            InputError: it does not pass such exits, or not in this order.
            UnknownNameError: the measure of confidence is neither edgent's own nor carried by the archive.
            ModelError: a piece cannot be loaded.
        """


class _Request(NamedTuple):
    frame: Frame
    window: LoadedWindow | PiecedWindow


def answer_requests(bodies: Sequence[object], windows: Windows) -> list[Answer]:
    """The answers to some requests, in their order.

    Args:
        bodies: one frame each, if all is well.
        windows: what computes them.
    """
    requests = [_read(body, windows) for body in bodies]
    started_s = time.perf_counter()
    outputs = _run(requests)
    compute_s = time.perf_counter() - started_s
    return [
        _write(outputs[index], request.frame, compute_s) if isinstance(request, _Request) else request
        for index, request in enumerate(requests)
    ]


def _read(body: object, windows: Windows) -> _Request | Answer:
    """A request and the window that it means, or why it is refused."""
    try:
        frame, window = _checked(body, windows)
    except (WireVersionError, ModelError) as error:
        return refuse(HTTPStatus.CONFLICT, error)
    except (FrameError, InputError) as error:
        return refuse(HTTPStatus.BAD_REQUEST, error)
    try:
        loaded = _pieced(frame, window, windows) or windows.loaded(window)
    except tuple(_NOT_RUN) as error:
        return refuse(_NOT_RUN[type(error)], error)
    if len(frame.tensor) and 0 < frame.seconds < loaded.least_compute_s:
        return refuse(
            HTTPStatus.GATEWAY_TIMEOUT,
            f"{frame.seconds * 1e3:.3f} ms are left, {window.name} takes {loaded.least_compute_s * 1e3:.3f}",
        )
    return _Request(frame, loaded)


def _checked(body: object, windows: Windows) -> tuple[Frame, Window]:
    if not isinstance(body, (bytes, bytearray)):
        raise FrameError(f"send one frame as application/octet-stream, not {type(body).__name__}")
    frame = read_frame(body, windows.largest_tensor_bytes)
    window = windows.find(frame.identity)
    window.check(frame.tensor)
    return frame, window


def _pieced(frame: Frame, window: Window, windows: Windows) -> PiecedWindow | None:
    """The window in pieces between the exits that a request asks; None where it runs whole.

    Raises:
        InputError: more than one input, or exits that the window does not pass.
        UnknownNameError: the measure of confidence is neither edgent's own nor carried by the archive.
        ModelError: a piece cannot be loaded.
    """
    if not isinstance(frame.exits, ExitsToAsk):
        return None
    if len(frame.tensor) > 1:
        raise InputError(f"exits are asked of one input at a time, not of {len(frame.tensor)}")
    return windows.pieced(window, frame.exits)


def _run(requests: Sequence[_Request | Answer]) -> dict[int, Given]:
    """Outputs by the request's place; requests to one window and of one size run together."""
    groups: dict[tuple[LoadedWindow | PiecedWindow, int], dict[int, Frame]] = defaultdict(dict)
    for index, request in enumerate(requests):
        if isinstance(request, _Request):
            groups[request.window, len(request.frame.tensor)][index] = request.frame
    outputs: dict[int, Given] = {}
    for (window, size), frames in groups.items():
        if size == 0:  # a device asks whether the window is ready and of its model
            outputs |= dict.fromkeys(frames, Given(_NO_OUTPUT))
        else:
            outputs |= zip(frames, _run_together(window, list(frames.values()), size), strict=True)
    return outputs


def _run_together(window: LoadedWindow | PiecedWindow, frames: Sequence[Frame], size: int) -> list[Given]:
    """What each of some requests of one size gets."""
    inputs = frames[0].tensor if len(frames) == 1 else np.concatenate([frame.tensor for frame in frames])
    if isinstance(window, PiecedWindow):
        return window.run(inputs, [frame.exits for frame in frames if isinstance(frame.exits, ExitsToAsk)])
    output = window.run(inputs)
    return [Given(output[place * size : (place + 1) * size]) for place in range(len(frames))]


def _write(given: Given, request: Frame, compute_s: float) -> Answer:
    output, exits = given
    left_early = exits is not None and exits.left_at is not None
    wanted = "float32" if left_early else request.answer_codec or "float32"  # an answer is written as it is
    codec = CODECS.answering(wanted, output.dtype)
    try:
        frame = Frame(output, codec, request.identity, seconds=compute_s, number=request.number, exits=exits)
        return OK, write_frame(frame)
    except FrameError as error:
        return refuse(HTTPStatus.BAD_REQUEST, error)
