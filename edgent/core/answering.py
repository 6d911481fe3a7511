"""Requests in, statuses and answers out, whoever carries them and whichever windows compute them.

A bad request is answered with a reason and harms nobody else; those to one window and of one size run as one
batch.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple, Protocol

import numpy as np

from edgent.core.codecs import CODECS
from edgent.core.refusal import OK, Answer, refuse
from edgent.core.window import LoadedWindow, Window
from edgent.core.wire import Frame, read_frame, write_frame
from edgent.errors import FrameError, InputError, ModelError, NotReadyError, WireVersionError


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


class _Request(NamedTuple):
    frame: Frame
    window: LoadedWindow


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
        loaded = windows.loaded(window)
    except NotReadyError as error:
        return refuse(HTTPStatus.TOO_EARLY, error)
    except ModelError as error:
        return refuse(HTTPStatus.INTERNAL_SERVER_ERROR, error)
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


def _run(requests: Sequence[_Request | Answer]) -> dict[int, np.ndarray]:
    """Outputs by the request's place; requests to one window and of one size run together."""
    groups: dict[tuple[LoadedWindow, int], dict[int, np.ndarray]] = defaultdict(dict)
    for index, request in enumerate(requests):
        if isinstance(request, _Request):
            tensor = request.frame.tensor
            groups[request.window, len(tensor)][index] = tensor
    outputs: dict[int, np.ndarray] = {}
    for (window, size), tensors in groups.items():
        if size == 0:  # a device asks whether the window is ready and of its model
            outputs |= dict.fromkeys(tensors, np.zeros(0, np.float32))
            continue
        batch = tuple(tensors.values())
        output = window.run(batch[0] if len(batch) == 1 else np.concatenate(batch))
        for place, index in enumerate(tensors):
            outputs[index] = output[place * size : (place + 1) * size]
    return outputs


def _write(output: np.ndarray, request: Frame, compute_s: float) -> Answer:
    codec = CODECS.answering(request.answer_codec or "float32", output.dtype)
    try:
        frame = Frame(output, codec, request.identity, seconds=compute_s, number=request.number)
        return OK, write_frame(frame)
    except FrameError as error:
        return refuse(HTTPStatus.BAD_REQUEST, error)
