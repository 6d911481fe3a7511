"""The question that tells whether an edge answers: a frame without inputs for the whole of a pipeline.

It goes the way of any request: through TorchServe's queue to the worker, which knows its model by it. Devices
ask in the same way whether a window is ready. An answer takes no computing. Everything here is of the
standard library, so that a process that asks starts quickly.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

QUESTIONS = "questions.json"
"""The file in a store that holds the questions to what it serves."""


@dataclass(frozen=True)
class Question:
    """What is asked of one pipeline.

    Attributes:
        endpoint: ``NAME/VERSION`` of the pipeline's archive.
        frame: the body.
    """

    endpoint: str
    frame: bytes

    @property
    def path(self) -> str:
        """Where TorchServe takes it."""
        return f"/predictions/{self.endpoint}"

    def request(self) -> bytes:
        """The whole of an HTTP request without a token, after which the connection is closed."""
        lines = [f"POST {self.path} HTTP/1.1", "Host: edge", "Connection: close"]
        lines += ["Content-Type: application/octet-stream", f"Content-Length: {len(self.frame)}", "", ""]
        return "\r\n".join(lines).encode() + self.frame


def questions_text(questions: Sequence[Question]) -> str:
    """What stands in the file beside the archives that are asked."""
    entries = {question.endpoint: base64.b64encode(question.frame).decode() for question in questions}
    return json.dumps(entries, indent=2) + "\n"


def read_questions(store: Path) -> list[Question]:
    """The questions to what a store serves.

    Raises:
        ArchiveError: there are none that can be read.
    """
    file = store / QUESTIONS
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        questions = [
            Question(endpoint, base64.b64decode(frame, validate=True)) for endpoint, frame in entries.items()
        ]
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ArchiveError(
            f"{file}: no readable questions ({error}); `edgent deploy` writes them beside its archives"
        ) from None
    if not questions:
        raise ArchiveError(f"{file}: it holds no question; run `edgent deploy` once more")
    return questions
