"""The first line of a recording: which pipeline answered, and what its network looks like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field


def _is_moment(text: str) -> str:
    """Refuse what is no moment: a page writes it in words."""
    datetime.fromisoformat(text)
    return text


LAYOUT = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)
"""How lines are checked: a later edgent may have written more keys than this one reads."""
Count = Annotated[int, Field(ge=0, le=2**53)]
"""A whole number that a page can draw."""
Moment = Annotated[float, Field(ge=0, le=250_000_000_000)]
"""Seconds since 1970 that are a date: before the year 9892."""


@dataclass(frozen=True)
class RecordedExit:
    """An exit of the network.

    Attributes:
        name: as the spec calls it.
        accuracy: on held-out data, 0 to 1; None where it was never measured.
        layers: names of the layers of its path, from the input on; at least one.
    """

    __pydantic_config__: ClassVar[ConfigDict] = LAYOUT
    name: str
    accuracy: float | None
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Description:
    """What a recording is of.

    Attributes:
        pipeline: its name.
        edgent: version of the package that recorded.
        started: when, ISO 8601 with the offset of the device's own time zone.
        started_s: the same in seconds since 1970, UTC.
        latency_requirement_ms: what is asked for unless a request says otherwise.
        measure: what accuracies are measured by, such as ``accuracy``.
        exits: shallow to deep; at least one.
        edges: names of the edges, in the spec's order.
    """

    __pydantic_config__: ClassVar[ConfigDict] = LAYOUT
    pipeline: str
    edgent: str
    started: Annotated[str, AfterValidator(_is_moment)]
    started_s: Moment
    latency_requirement_ms: float
    measure: str
    exits: tuple[RecordedExit, ...]
    edges: tuple[str, ...]
    holds: Literal["recording"] = "recording"
    format: Literal[1] = 1
