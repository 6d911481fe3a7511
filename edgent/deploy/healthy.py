"""Does the edge answer? ``python -m edgent.deploy.healthy STORE [URL]`` asks each pipeline of a store.

A container's health check runs it every few seconds, so it imports nothing that takes long. It prints one
sentence. Its exit code is 0 where the edge answers, 3 where it is busy (its queue is full, or it has no
worker), 1 where it does not answer rightly or not in time, and 2 where the question itself is wrong.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edgent.bearer_token import VARIABLE
from edgent.deploy.question import read_questions
from edgent.errors import ArchiveError, EdgentError
from edgent.server_url import ServerUrl
from edgent.server_words import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.deploy.question import Question

READY, SILENT, WRONG_QUESTION, BUSY = 0, 1, 2, 3
TIMEOUT_S = 1.0
USUAL_URL = "http://127.0.0.1:8080"
_ANSWERS = (HTTPStatus.OK, HTTPStatus.TOO_EARLY)
"""Also that the window is being loaded: the worker has taken the frame."""
_USAGE = "write python -m edgent.deploy.healthy STORE [http://HOST:PORT]"


@dataclass(frozen=True)
class Health:
    """What came of asking.

    Attributes:
        code: the exit code.
        sentence: what was seen.
    """

    code: int
    sentence: str


def ask(url: str, question: Question, token: str = "") -> Health:
    """Ask one question.

    Args:
        url: of TorchServe's inference interface, or of a proxy before it; http.
        question: to one of its pipelines.
        token: what a server wants that asks for one.
    """
    began_s, headers = time.perf_counter(), {"Content-Type": "application/octet-stream"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_S)
    try:
        connection.request("POST", question.path, question.frame, headers)
        answer = connection.getresponse()
        status, body = answer.status, answer.read(500)
    except TimeoutError:
        return Health(SILENT, f"{url} did not answer {question.endpoint} within {TIMEOUT_S:g} s")
    except (OSError, http.client.HTTPException) as error:
        return Health(SILENT, f"{url} does not answer: {shown(str(error)) or type(error).__name__}")
    finally:
        connection.close()
    if status in _ANSWERS:
        took_ms = (time.perf_counter() - began_s) * 1e3
        return Health(READY, f"{question.endpoint} answers a frame in {took_ms:.0f} ms")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return Health(BUSY, f"{question.endpoint} is busy: its queue is full, or it has no worker")
    return Health(SILENT, f"{question.endpoint} answers {status}: {_reason(body)}")


def ask_all(url: str, questions: Sequence[Question], token: str = "") -> Health:
    """Ask questions one after the other: the first that is not answered counts."""
    sentences = []
    for question in questions:
        health = ask(url, question, token)
        if health.code:
            return health
        sentences.append(health.sentence)
    return Health(READY, "; ".join(sentences))


def _reason(body: bytes) -> str:
    try:
        return shown(str(json.loads(body)["message"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return shown(body[:100].decode("utf-8", "replace")) or "without a reason"


def main(arguments: Sequence[str]) -> int:
    """Ask, print a sentence, and give the exit code."""
    store, url = (*arguments, USUAL_URL)[:2] if arguments else ("", "")
    if len(arguments) not in (1, 2) or not url.startswith("http://"):
        sys.stderr.write(f"error: {_USAGE}\n")
        return WRONG_QUESTION
    token = os.environ.get(VARIABLE, "")
    try:
        if token and ServerUrl.parse(url, "http").in_the_clear:
            raise ArchiveError(
                f"{VARIABLE} is not sent to {url}, as others can read it on the way: ask on that machine, "
                "at 127.0.0.1, or without the token where a proxy asks for it"
            )
        health = ask_all(url, read_questions(Path(store)), token)
    except EdgentError as error:
        sys.stderr.write(f"error: {error}\n")
        return WRONG_QUESTION
    sys.stdout.write(f"{health.sentence}\n")
    return health.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
