"""What a handler answers: a status as HTTP has it, with the answer or with the reason for a refusal."""

import json
from http import HTTPStatus

from edgent.core.edge_clock import CLOCK_BYTES
from edgent.core.stay import Stay

OK = HTTPStatus.OK
"""Looked up once: the attribute of the enumeration takes a third of a microsecond."""

_LONGEST_S = 2**32 / 1e6  # as in a frame

Answer = tuple[HTTPStatus, bytes]
"""Status and body; the body of any status but OK is a refusal in JSON."""


def refuse(status: HTTPStatus, reason: object, stay: Stay | None = None) -> Answer:
    """A refusal, with code and message as TorchServe writes its own.

    Args:
        status: what kind it is.
        reason: for people.
        stay: how long the request stayed; None: nothing is said of it.
    """
    said: dict[str, object] = {"code": status.value, "message": str(reason)}
    if stay is not None:
        said["stay"] = [stay.clock.hex(), stay.began_us, stay.held_s, stay.busy_s]
    return status, json.dumps(said).encode()


def refused_stay(said: object) -> Stay | None:
    """What a refusal, read from its JSON, says of its request's stay; None where it says nothing sound."""
    if not isinstance(said, dict):
        return None
    try:
        clock, began_us, held_s, busy_s = said["stay"]
        read = Stay(bytes.fromhex(clock), int(began_us), float(held_s), float(busy_s))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    is_sound = len(read.clock) == CLOCK_BYTES and 0 <= read.began_us < 2**64
    return read if is_sound and 0 <= read.held_s < _LONGEST_S and 0 <= read.busy_s < _LONGEST_S else None
