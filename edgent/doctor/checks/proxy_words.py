"""What it means that a proxy answers in TorchServe's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgent.doctor.observations import Reply

_NO_EDGE = (502, 503, 504)
_NO_PATH = (404, 405)


def in_place_of_torchserve(url: str, reply: Reply) -> tuple[str, str]:
    """What was seen, and what to do.

    Args:
        url: the inference address.
        reply: of the proxy.
    """
    seen = f"a proxy at {url} answers {reply.status} in TorchServe's place ({reply.message})"
    if reply.status in _NO_EDGE:
        return (
            f"{seen}: it finds no edge that is well",
            "start TorchServe behind it; look at the proxy's list of servers, its health checks and its log",
        )
    if reply.status in _NO_PATH:
        return (
            f"{seen}: it does not let /predictions/ through",
            "let POST /predictions/ through to TorchServe, or name what stands before that: https://HOST/PATH",
        )
    if 300 <= reply.status < 400:
        return f"{seen}: it sends us elsewhere", "name the address that it sends to, with its path"
    return (
        seen,
        "see whether this is the edge's address, and whether the proxy hands on POST /predictions/ as it is",
    )
