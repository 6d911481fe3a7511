"""Requests in, statuses and answers out, whoever carries them and whichever windows compute them.

A bad request is answered with a reason and harms nobody else; those to one window and of one size run as one
batch. What nobody waits for any more is not computed. A request that names exits is run in pieces between
them, and may be answered by one of them.
"""

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple, Protocol

from edgent.core.batch_run import Computed, Group, Late, Request, run_batch
from edgent.core.codecs import CODECS
from edgent.core.frame_exits import ExitsToAsk
from edgent.core.pieced_window import PiecedWindow
from edgent.core.refusal import OK, Answer, refuse
from edgent.core.run_times import RunTimes
from edgent.core.window import LoadedWindow, Window
from edgent.core.window_counts import UNKNOWN, WindowCounts
from edgent.core.wire import Frame, SealedFrame, read_sealed, write_frame
from edgent.core.worker_time import Taken, WorkerTime
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


class _Refused(NamedTuple):
    """A request that is not run.

    Attributes:
        answer: why.
        frame: what it holds, as far as that was read; None where it is no frame.
    """

    answer: Answer
    frame: Frame | None = None


def answer_requests(
    bodies: Sequence[object], windows: Windows, worker: WorkerTime, counts: WindowCounts
) -> list[Answer]:
    """The answers to some requests, in their order.

    Args:
        bodies: one frame each, if all is well.
        windows: what computes them.
        worker: when that is, and how busy it is.
        counts: told what became of them.
    """
    taken = worker.take()
    try:
        return _answers(bodies, windows, taken, worker.run_times, counts)
    finally:  # it was at work, whatever came of it
        worker.give()


def _answers(
    bodies: Sequence[object], windows: Windows, taken: Taken, run_times: RunTimes, counts: WindowCounts
) -> list[Answer]:
    """What `answer_requests` answers to what the worker took."""
    read = [_read(body, windows, taken, run_times) for body in bodies]
    requests = {index: request for index, request in enumerate(read) if isinstance(request, Request)}
    computed, late = run_batch(requests, taken.now_us, run_times)
    # What ran together took its time once, and kept all others of the batch waiting.
    runs_s = {requests[index].group: one.compute_s for index, one in computed.items()}
    all_s = sum(runs_s.values())
    answers: list[Answer] = []
    for index, request in enumerate(read):
        if not isinstance(request, Request):
            answers.append(request.answer)
        elif index in late:
            answers.append(_refuse_late(request, late[index], taken))
        else:
            answers.append(_write(computed[index], request.frame, taken, all_s))
    for request, (status, _) in zip(read, answers, strict=True):
        _count(counts, windows, taken, request, status)
    _count_runs(counts, [requests[index].group for index in computed], runs_s)
    return answers


def _count(
    counts: WindowCounts, windows: Windows, taken: Taken, request: Request | _Refused, status: HTTPStatus
) -> None:
    """Count what became of a request."""
    if isinstance(request, Request):
        window, is_check = request.window.window.name, not len(request.frame.tensor)
    else:
        window, is_check = _name(windows, request.frame), False
    queued_us = 0.0 if request.frame is None else taken.queued_us(request.frame)
    counts.requested(window, status, queued_us / 1e6, is_check=is_check)


def _name(windows: Windows, frame: Frame | None) -> str:
    """The window that a request means, if there is one."""
    try:
        return UNKNOWN if frame is None else windows.find(frame.identity).name
    except ModelError:
        return UNKNOWN


def _count_runs(counts: WindowCounts, ran: Sequence[Group], runs_s: Mapping[Group, float]) -> None:
    """Count runs.

    Args:
        counts: told of them.
        ran: what each request ran with.
        runs_s: seconds that what ran together took.
    """
    for group, seconds in runs_s.items():
        window, size = group
        if size:
            counts.ran(window.window.name, ran.count(group) * size, seconds)


def _read(body: object, windows: Windows, taken: Taken, run_times: RunTimes) -> Request | _Refused:
    """A request and the window that it means, or why it is refused."""
    frame = None
    try:
        sealed = _sealed(body, windows)
        frame = sealed.frame
        until_us = math.inf
        if sealed.holds_something:
            until_us = taken.until_us(frame)
            run_times.met(queued=taken.queued(frame))
        if until_us < taken.at_us:
            return _Refused(_refuse_expired(frame, until_us, taken), frame)
        frame = sealed.open()
        window = windows.find(frame.identity)
        window.check(frame.tensor)
    except (WireVersionError, ModelError) as error:
        return _Refused(refuse(HTTPStatus.CONFLICT, error), frame)
    except (FrameError, InputError) as error:
        return _Refused(refuse(HTTPStatus.BAD_REQUEST, error), frame)
    try:
        return Request(frame, _pieced(frame, window, windows) or windows.loaded(window), until_us)
    except tuple(_NOT_RUN) as error:
        status = next(status for kind, status in _NOT_RUN.items() if isinstance(error, kind))
        return _Refused(refuse(status, error), frame)


def _sealed(body: object, windows: Windows) -> SealedFrame:
    if not isinstance(body, (bytes, bytearray)):
        raise FrameError(f"send one frame as application/octet-stream, not {type(body).__name__}")
    return read_sealed(body, windows.largest_tensor_bytes)


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


def _refuse_expired(frame: Frame, until_us: float, taken: Taken) -> Answer:
    """Nobody waits for the answer any more: neither is the payload decoded nor anything computed."""
    waited_us = taken.waited_us(frame)
    reason = (
        f"expired: {waited_us / 1e3:.1f} ms on its way and in the queue, of which at most "
        f"{taken.queued_us(frame) / 1e3:.1f} in the queue; "
        f"{(taken.at_us - until_us) / 1e3:.1f} ms ago somebody still waited for it"
    )
    return refuse(HTTPStatus.GATEWAY_TIMEOUT, reason, taken.stay(frame) if frame.times else None)


def _refuse_late(request: Request, late: Late, taken: Taken) -> Answer:
    """The answer would come when nobody waits for it any more."""
    reason = (
        f"{max(late.left_s, 0.0) * 1e3:.3f} ms are left, "
        f"{request.window.window.name} takes {late.own_s * 1e3:.3f}"
    )
    if late.batch_s > late.own_s:
        reason += f", and with the others of its batch {late.batch_s * 1e3:.3f}"
    return refuse(
        HTTPStatus.GATEWAY_TIMEOUT, reason, taken.stay(request.frame) if request.frame.times else None
    )


def _write(computed: Computed, request: Frame, taken: Taken, all_s: float) -> Answer:
    """An answer.

    Args:
        computed: what its request got.
        request: its frame.
        taken: the batch.
        all_s: seconds in which all of it was computed.
    """
    (output, exits), compute_s = computed
    left_early = exits is not None and exits.left_at is not None
    wanted = "float32" if left_early else request.answer_codec or "float32"  # an answer is written as it is
    codec = CODECS.answering(wanted, output.dtype)
    try:
        if not CODECS[codec].supports(output.shape, output.dtype):
            raise FrameError(f"codec {codec} cannot write a {output.dtype} tensor of shape {output.shape}")
        payload = CODECS[codec].encode(output)  # before its stay is told
        stay = taken.stay(request, max(all_s - compute_s, 0.0)) if request.times else None
        frame = Frame(output, codec, request.identity, None, compute_s, request.number, exits, stay)
        return OK, write_frame(frame, payload)
    except FrameError as error:
        return refuse(HTTPStatus.BAD_REQUEST, error)
