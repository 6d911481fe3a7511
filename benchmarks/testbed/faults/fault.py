"""One fault of a link: what happens, to which direction, from which byte of a message on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "refuse",
    "connect black hole",
    "reset accepted",
    "black hole",
    "reset",
    "truncate",
    "stop",
    "corrupt",
    "delay",
    "trickle",
    "garbage",
    "twice",
    "slow close",
]
Direction = Literal["up", "down"]

CONNECTING: frozenset[Kind] = frozenset({"refuse", "connect black hole", "reset accepted"})
"""Kinds that meet new connections; connections that are open are reset when one of them begins."""


@dataclass(frozen=True)
class Fault:
    """What is done to every message until it is taken back.

    Attributes:
        kind: ``refuse``: nobody listens. ``connect black hole``: SYNs are not answered. ``reset accepted``:
            connections are reset as soon as they stand. ``black hole``: all bytes vanish, both ways.
            The others begin at a byte of a message: ``reset``: RST to both sides. ``truncate``: an orderly
            end. ``stop``: the rest never comes, the connection stays. ``corrupt``: that byte is inverted.
            ``delay``: the rest comes later. ``trickle``: the rest comes slowly. ``garbage``: the rest is
            random. ``twice``: the message is sent again. ``slow close``: the message is whole, then this
            direction ends and the other stays open.
        direction: ``up`` from device to edge, or ``down``.
        at_byte: offset in the message, HTTP header included.
        seconds: how long a delay is.
        rate_bytes_per_s: how fast a trickle is.
    """

    kind: Kind
    direction: Direction = "up"
    at_byte: int = 0
    seconds: float = 0.0
    rate_bytes_per_s: float = 1000.0
