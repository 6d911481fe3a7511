"""A batch of requests as TorchServe hands it to a handler, and the answers as TorchServe takes them."""

from collections.abc import Callable, Sequence
from typing import Any

from edgent.core.refusal import OK, Answer


def answer_batch(
    answer: Callable[[Sequence[bytes]], Sequence[Answer]], data: list[dict[str, Any]], context: Any
) -> list[bytes]:
    """The answers' bytes; statuses and content types go into the context.

    Args:
        answer: what a head or a pipeline does with the bytes of requests.
        data: TorchServe's requests.
        context: TorchServe's own.
    """
    answers = answer([request.get("body") or request.get("data") or b"" for request in data])
    for index, (status, _) in enumerate(answers):
        # A frame has no content type: its header would cost 40 bytes, and both sides know a frame.
        if status is not OK:
            context.set_response_status(status.value, status.phrase, index)
            context.set_response_content_type(index, "application/json")
    return [body for _, body in answers]
