"""The lines of a recording behind the first: what happened to each input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from edgent.recording.description import LAYOUT, Count, Moment

MOST_PHOTO_CHARACTERS = 12_000
"""Of a photo in base64: 8 KiB of JPEG and some to spare."""


@dataclass(frozen=True)
class RecordedBandwidth:
    """What one direction of a link was believed to have for the next transfer.

    Attributes:
        mean: kbit/s.
        low, high: kbit/s; one in ten transfers is expected below, one in ten above.
    """

    __pydantic_config__: ClassVar[ConfigDict] = LAYOUT
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class RecordedEdge:
    """What an edge and its link were believed to be.

    Attributes:
        name: of the edge.
        absence: why it was left alone; None while it might be asked.
        upload_kbps, download_kbps: None where nothing is measured.
        round_trip_ms: of a request with nothing in it; None in the same case.
    """

    __pydantic_config__: ClassVar[ConfigDict] = LAYOUT
    name: str
    absence: str | None = None
    upload_kbps: RecordedBandwidth | None = None
    download_kbps: RecordedBandwidth | None = None
    round_trip_ms: float | None = None


@dataclass(frozen=True)
class RecordedAnswer:
    """An answered input; what `edgent-device --json` prints, and what is beside it.

    Attributes:
        time_s: when the answer was there, seconds since 1970, UTC.
        index, input, expected: the input's number and name, and its label where that is known.
        label, confidence: the answer; None where answers are arrays.
        exit, window, plan: what was done: the edge ran the layers [start, stop) of the exit's path.
        codec: how tensors were written, by ``input`` and ``activation``.
        wanted: the plan that was chosen.
        latency_ms, latency_requirement_ms: from the input to the answer, and what was asked for.
        predicted_ms: what the planner expected; None under a fixed plan.
        edge: which one took part; None: none did.
        fallback: why the plan's edge did not answer; None where it did, or none was asked.
        sent_bytes, received_bytes: on the connection.
        timeline_ms: where the time went, by the part's name.
        accuracy: that answers by this plan have on held-out data, 0 to 1; None where it was never measured.
        edges: what was believed of every edge; None where the beliefs of a moment before still stand.
        photo: a small picture of the input, JPEG in base64; None for most inputs.
    """

    __pydantic_config__: ClassVar[ConfigDict] = LAYOUT
    kind: Literal["answer"]
    time_s: Moment
    index: Count
    input: str
    exit: str
    window: tuple[Count, Count]
    codec: dict[str, str]
    plan: str
    wanted: str
    latency_ms: float
    latency_requirement_ms: float
    timeline_ms: dict[str, float | None]
    sent_bytes: Count = 0
    received_bytes: Count = 0
    expected: str | None = None
    label: str | None = None
    confidence: float | None = None
    predicted_ms: float | None = None
    edge: str | None = None
    fallback: str | None = None
    accuracy: float | None = None
    edges: tuple[RecordedEdge, ...] | None = None
    photo: Annotated[str | None, Field(max_length=MOST_PHOTO_CHARACTERS, pattern=r"^[A-Za-z0-9+/=]*$")] = None

    @property
    def is_late(self) -> bool:
        """Whether the requirement was missed."""
        return self.latency_ms > self.latency_requirement_ms

    @property
    def is_right(self) -> bool | None:
        """Whether the label is the expected one; None where that is not known."""
        return None if self.expected is None or self.label is None else self.label == self.expected


@dataclass(frozen=True)
class RecordedFailure:
    """An input that was not answered.

    Attributes:
        time_s: when that was known, seconds since 1970, UTC.
        index, input: its number and name.
        error: why.
    """

    __pydantic_config__: ClassVar[ConfigDict] = LAYOUT
    kind: Literal["failure"]
    time_s: Moment
    index: Count
    input: str
    error: str


@dataclass(frozen=True)
class RecordedGap:
    """Lines that are missing here, because they could not be written as fast as they came.

    Attributes:
        lines: how many.
    """

    __pydantic_config__: ClassVar[ConfigDict] = LAYOUT
    kind: Literal["gap"]
    lines: Count


Line = Annotated[RecordedAnswer | RecordedFailure | RecordedGap, Field(discriminator="kind")]
