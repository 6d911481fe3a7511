"""The report of streams: what overlapping gains, and what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.studies.stream.measure import BOTH_WORK, REQUIREMENT_S, SLOWDOWN, Streamed
from benchmarks.studies.study import Report, Table

_HEADS = (
    "link, kbps",
    "source",
    "plan",
    "device, ms",
    "link and edge, ms",
    "one by one, fps",
    "overlapped, fps",
    "gain",
    "allowed",
    "late",
    "age, ms",
    "at most, ms",
    "by edge",
)


@dataclass(frozen=True)
class Row:
    """One answered frame; a row of the study's file."""

    rate_kbps: float
    source: str
    kind: str
    overlap: bool
    frame: int
    plan: str
    given_s: float
    age_s: float
    met: bool
    device_s: float
    edge_s: float
    edge_error: str


def report(streamed: Sequence[Streamed]) -> Report:
    """The report of one run; streams come in pairs, one by one and overlapped."""
    pairs = [*zip(streamed[::2], streamed[1::2], strict=True)]
    gains = [ahead.fps / alone.fps for alone, ahead in pairs if alone.kind == BOTH_WORK]
    late = sum(one.late for one in streamed)
    answered = sum(len(one.replies) for one in streamed)
    out_of_order = sum(not one.is_in_order for one in streamed)
    gained = (
        f"Where device and edge both work, overlapping answers {min(gains):.2f} to {max(gains):.2f} times as "
        "many frames a second."
    )
    kept = (
        f"{late} of {answered:,} answers were late; in {out_of_order} of {len(streamed)} streams a frame was "
        "answered after a newer one."
    )
    note = (
        f"The device is {SLOWDOWN:g}x slower in what it computes; an answer is wanted within "
        f"{REQUIREMENT_S * 1e3:g} ms of a frame's capture. Each row is two streams: a video "
        "of 30 frames a second, or 20 photos a second into a folder. device, link and edge: what a frame "
        "took there in the median, one by one. allowed: the gain that the busier of both sides allows. late, "
        "age, by edge: one by one / overlapped; age: capture to answer, in the median and at most; by edge: "
        "the share of the answers that the edge took part in."
    )
    rows = [
        Row(
            one.rate_bps / 1e3,
            one.source,
            one.kind,
            one.overlap,
            reply.frame,
            reply.plan,
            reply.given_s,
            reply.age_s,
            reply.met,
            reply.device_s,
            reply.edge_s,
            reply.edge_error or "",
        )
        for one in streamed
        for reply in one.replies
    ]
    table = Table("Frames a second", _HEADS, [_row(*pair) for pair in pairs], note)
    return Report([gained, kept], [table], records={"frames": rows})


def _row(alone: Streamed, ahead: Streamed) -> tuple[str, ...]:
    return (
        f"{alone.rate_bps / 1e3:,.0f}",
        alone.source,
        f"{alone.kind}: `{ahead.plan}`",
        f"{alone.device_s * 1e3:.0f}",
        f"{alone.edge_s * 1e3:.0f}",
        f"{alone.fps:.2f}",
        f"{ahead.fps:.2f}",
        f"{ahead.fps / alone.fps:.2f}",
        f"{alone.most_gain:.2f}",
        f"{alone.late} / {ahead.late}",
        f"{alone.ages_s[0] * 1e3:.0f} / {ahead.ages_s[0] * 1e3:.0f}",
        f"{alone.ages_s[1] * 1e3:.0f} / {ahead.ages_s[1] * 1e3:.0f}",
        f"{alone.by_edge:.0%} / {ahead.by_edge:.0%}",
    )
