"""What TorchServe's answers mean: its statuses and its words, over HTTP and over gRPC."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edgent.core.refusal import refused_stay
from edgent.errors import (
    ColdWindowError,
    EdgeBusyError,
    EdgeError,
    EdgeTimeoutError,
    EdgeUnreachableError,
    ExpiredError,
    HeadAbsentError,
    HeadFailedError,
    HeadRefusedError,
)
from edgent.server_words import shown

if TYPE_CHECKING:
    from device_runtime.exchange.carrier import RawAnswer

NO_WORKER = "has no worker"
"""TorchServe's words where an endpoint has no worker, and where its queue is full."""

_KEY_REFUSED = "InvalidKeyException"
_LOOKED_AT_BYTES = 500
_COLD = 425
"""A pipeline has to load the window first. Exits share windows, so it may not name the plan's."""
_LATE = 504
"""A worker answers so where nobody waits any more, and says how long the request stayed; proxies do not."""

_GRPC_STATUS = {"4": 504, "5": 404, "7": 400, "8": 507, "14": 503}
_GRPC_KEY_REFUSED = "7"
_GRPC_WORDS = {NO_WORKER: 503, "not found": 404, "does not exist": 404, "Worker died": 507}
"""TorchServe's gRPC has one status, internal, for most of what HTTP tells apart; the words are the same."""

_REFUSALS: dict[int, tuple[type[EdgeError], str]] = {
    500: (HeadFailedError, "failed on the edge"),
    502: (HeadFailedError, "was lost behind a proxy"),
    503: (EdgeBusyError, "is not ready"),
    504: (EdgeTimeoutError, "did not begin"),
    507: (HeadFailedError, "failed on the edge"),
}


def grpc_refusal(grpc_status: str, why: str) -> tuple[int, bytes]:
    """Status and body as TorchServe's HTTP interface would refuse."""
    by_words = (status for words, status in _GRPC_WORDS.items() if words in why)
    status = _GRPC_STATUS.get(grpc_status) or next(by_words, 500)
    kind = _KEY_REFUSED if grpc_status == _GRPC_KEY_REFUSED else f"grpc-status {grpc_status}"
    return status, json.dumps({"code": status, "type": kind, "message": why}).encode()


def grpc_prediction(body: bytes) -> tuple[int, bytes]:
    """Status and body of what a handler says; its status does not get through gRPC, but is in the body."""
    return _said_code(body) if body.startswith(b"{") else 200, body


def refuses_token(answer: RawAnswer) -> bool:
    """Whether TorchServe refuses the request because its token is missing, wrong or expired."""
    return answer.status in (400, 401, 403) and _KEY_REFUSED.encode() in answer.body[:_LOOKED_AT_BYTES]


def refusal(model: str, answer: RawAnswer, version: str = "") -> EdgeError:
    """The error that an answer other than 200 stands for.

    Args:
        model: what was asked.
        answer: what came back.
        version: in which version it was asked for; empty for TorchServe's default one.
    """
    try:
        said = json.loads(answer.body)
        reason, stay = shown(str(said["message"])), refused_stay(said)
    except (ValueError, KeyError, TypeError, RecursionError):
        reason, stay = f"status {answer.status}", None
    if answer.status == 403 and b"only accepts HTTPS" in answer.body[:_LOOKED_AT_BYTES]:
        return EdgeUnreachableError("the edge speaks https only: write https:// in edge.inference_url")
    if answer.status == 404:
        served = f"{model} in version {version}, this model's" if version else model
        return HeadAbsentError(
            f"the edge does not know {served}: run `edgent archive SPEC` with this model (or `make archive`; "
            "`--all` for every head) and register what it builds, or restart TorchServe with it"
        )
    if answer.status == _COLD:
        return ColdWindowError(f"{model} is not ready: it loads the layers asked for, which takes a moment")
    if answer.status == _LATE and stay is not None:
        sizes = answer.sent_bytes, answer.received_bytes
        return ExpiredError(f"{model} computed nothing: {reason}", stay, *sizes)
    kind, what = _REFUSALS.get(answer.status, (HeadRefusedError, f"refused the request ({answer.status})"))
    return kind(f"{model} {what}: {reason}")


def _said_code(body: bytes) -> int:
    """The status that a handler's refusal names."""
    try:
        code = json.loads(body)["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return 500
    return code if isinstance(code, int) and 400 <= code <= 599 else 500
